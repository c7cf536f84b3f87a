"""Copies that leave the house and come back: what `lending.loan.*` promises."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from generated.lending.copy import Copy
from generated.lending.damage import Damage
from generated.lending.library import Library
from generated.lending.loan import Loan
from generated.lending.loan_class import LoanClass
from generated.lending.loan_prolong import (
    LoanIsOver,
    LoanProlongInput,
    LoanProlongOutput,
    RenewedTooOften,
)
from generated.lending.loan_prolong import LoanUnknown as NothingToProlong
from generated.lending.loan_return import LoanReturnInput, LoanReturnOutput
from generated.lending.loan_return import LoanUnknown as NothingToReturn
from generated.lending.loan_returned import LoanReturned, LoanReturnedReader
from generated.lending.loan_start import CopyOnLoan, CopyUnknown, LoanStartInput, LoanStartOutput, ReaderUnknown
from generated.lending.loan_started import LoanStarted
from generated.lending.period import Period
from generated.lending.reader import Reader
from generated.lending.visit import Visit
from treaty_runtime.unit_of_work import UnitOfWork

MOST_RENEWALS = 2
FEES = {LoanClass.STANDARD: Decimal("1.50"), LoanClass.VALUE_2_WEEKS: Decimal("0.75")}
COST_OF_DAMAGE = Decimal("1.75")


async def start(uow: UnitOfWork, payload: LoanStartInput, /) -> LoanStartOutput:
    """Lend a copy that nobody else has."""
    # Locked, so that of two who ask for one copy at once the second sees the first's loan.
    copy = await uow.session.get(Copy, payload.copy_, with_for_update=True)
    if copy is None:
        raise CopyUnknown
    reader = await uow.session.get(Reader, payload.reader)
    if reader is None:
        raise ReaderUnknown
    taken = select(Loan).where(Loan.copy_id == copy.id, col(Loan.returned_on).is_(None))
    if (await uow.session.exec(taken)).first():
        raise CopyOnLoan
    period = await _period(uow, payload.from_ or uow.now.date(), payload.class_)
    loan = Loan(
        library_id=uow.tenant,
        copy_id=copy.id,
        reader_id=reader.id,
        from_=period.from_,
        until=period.until,
        class_=payload.class_,
        fee=FEES.get(payload.class_, Decimal("0.00")),
        damages=[],
        json_=payload.json_,
    )
    uow.session.add_all([loan, Visit(library_id=uow.tenant, card=reader.card_number, what=f"took {copy.shelf}")])
    uow.emit(
        LoanStarted(
            loan=loan.id,
            copy_=copy.id,
            from_=loan.from_,
            class_=loan.class_,
            period=period,
            fee=loan.fee,
            notes=loan.json_,
        )
    )
    return LoanStartOutput(
        loan=loan.id, period=period, class_=loan.class_, fee=loan.fee, renewals=loan.renewals, desk=payload.desk
    )


async def prolong(uow: UnitOfWork, payload: LoanProlongInput, /) -> LoanProlongOutput:
    """Move a loan's last day, twice at most."""
    loan = await _loan(uow, payload.loan)
    if loan is None:
        raise NothingToProlong
    if loan.returned_on is not None:
        raise LoanIsOver
    if loan.renewals >= MOST_RENEWALS:
        raise RenewedTooOften
    loan.until = payload.until
    loan.renewals += 1
    return LoanProlongOutput(until=loan.until, renewals=loan.renewals, left=MOST_RENEWALS - loan.renewals)


async def return_(uow: UnitOfWork, payload: LoanReturnInput, /) -> LoanReturnOutput:
    """Take a copy back; again is as good as once."""
    loan = await _loan(uow, payload.loan)
    if loan is None:
        raise NothingToReturn
    reader = (await uow.session.exec(select(Reader).where(Reader.id == loan.reader_id))).one()
    day = loan.returned_on or payload.on or uow.now.date()
    if loan.returned_on is None:
        damages = payload.damages or []
        loan.returned_on = day
        loan.damages = damages
        loan.fee += _surcharge(damages, payload.fines or [])
        uow.session.add(Visit(library_id=uow.tenant, card=reader.card_number, what="brought"))
        whose = LoanReturnedReader(card=reader.card_number, email=reader.email)
        uow.emit(LoanReturned(loan=loan.id, on=day, damages=damages, fees={"EUR": loan.fee}, reader=whose))
    return LoanReturnOutput(returned_on=day, fee=loan.fee, damages=loan.damages)


async def _loan(uow: UnitOfWork, loan: UUID) -> Loan | None:
    return await uow.session.get(Loan, loan, with_for_update=True)


async def _period(uow: UnitOfWork, first: date, how: LoanClass) -> Period:
    library = await uow.session.get_one(Library, uow.tenant)
    lasts = {LoanClass.STANDARD: library.loan_period, LoanClass.VALUE_2_WEEKS: timedelta(weeks=2)}
    days = min(lasts.get(how, timedelta()), date.max - first)  # a loan that ends with the calendar
    return Period(from_=first, until=first + days)


def _surcharge(damages: list[Damage], fines: list[int]) -> Decimal:
    total = COST_OF_DAMAGE * len(damages) + Decimal(sum(max(fine, 0) for fine in fines)) / 100
    return min(total, Decimal("900.00")).quantize(Decimal("0.01"))
