"""Who borrows: what `lending.reader.*` promises."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select

from generated.lending.loan import Loan
from generated.lending.reader import Reader
from generated.lending.reader_forget import ReaderForgetInput, ReaderForgetOutput, ReaderHasBooks, ReaderUnknown
from generated.lending.reader_register import (
    CardTaken,
    ReaderRegisterInput,
    ReaderRegisterOutput,
    ReaderRegisterOutputInterests,
    SponsorUnknown,
)
from treaty_runtime.unit_of_work import UnitOfWork


async def register(uow: UnitOfWork, payload: ReaderRegisterInput, /) -> ReaderRegisterOutput:
    """Give out a card that nobody has."""
    reader = Reader(
        library_id=uow.tenant,
        card_number=payload.card_number,
        name=payload.name,
        email=payload.email,
        birthday=payload.birthday,
        nickname=payload.nickname,
        sponsor_id=await _sponsor(uow, payload.sponsor) if payload.sponsor else None,
        since=uow.now,
    )
    uow.session.add(reader)
    try:
        await uow.session.flush()
    except IntegrityError as error:  # the unique key decides, also between two desks
        raise CardTaken from error
    interests = [
        ReaderRegisterOutputInterests(language=interest.language, class_=interest.class_)
        for interest in payload.interests or []
    ]
    return ReaderRegisterOutput(
        reader=reader.id,
        card_number=reader.card_number,
        nickname=reader.nickname,
        since=uow.now,
        interests=interests,
    )


async def forget(uow: UnitOfWork, payload: ReaderForgetInput, /) -> ReaderForgetOutput:
    """Delete a reader who has brought everything back, and the loans of the past."""
    reader = await uow.session.get(Reader, payload.reader, with_for_update=True)
    if reader is None:
        raise ReaderUnknown
    borrowed = select(Loan).where(Loan.reader_id == reader.id, col(Loan.returned_on).is_(None))
    if (await uow.session.exec(borrowed)).first():
        raise ReaderHasBooks
    await uow.session.exec(delete(Loan).where(col(Loan.reader_id) == reader.id))
    await uow.session.exec(update(Reader).where(col(Reader.sponsor_id) == reader.id).values(sponsor_id=None))
    await uow.session.delete(reader)
    return ReaderForgetOutput()


async def _sponsor(uow: UnitOfWork, card: str) -> UUID:
    sponsor = (await uow.session.exec(select(Reader).where(Reader.card_number == card))).first()
    if sponsor is None:
        raise SponsorUnknown
    return sponsor.id
