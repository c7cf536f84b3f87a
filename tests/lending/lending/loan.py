"""Copies that leave the house and come back: what `lending.loan.*` promises."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from pydantic import JsonValue
from sqlmodel import col, select

from generated.lending import loan_start_v1 as before
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
from generated.lending.loan_prolong_v1 import LoanIsOver as LoanIsOverV1
from generated.lending.loan_prolong_v1 import LoanProlongV1Input, LoanProlongV1Output
from generated.lending.loan_prolong_v1 import LoanUnknown as NothingToProlongV1
from generated.lending.loan_return import LoanReturnInput, LoanReturnOutput
from generated.lending.loan_return import LoanUnknown as NothingToReturn
from generated.lending.loan_returned import LoanReturned, LoanReturnedReader
from generated.lending.loan_start import CopyOnLoan, CopyUnknown, LoanStartInput, LoanStartOutput, ReaderUnknown
from generated.lending.loan_started import LoanStarted
from generated.lending.loan_started_v1 import LoanStartedV1
from generated.lending.period import Period
from generated.lending.reader import Reader
from generated.lending.visit import Visit
from treaty_runtime.refusals import Refusal
from treaty_runtime.unit_of_work import UnitOfWork

MOST_RENEWALS = 2
FEES = {LoanClass.STANDARD: Decimal("1.50"), LoanClass.VALUE_2_WEEKS: Decimal("0.75")}
COST_OF_DAMAGE = Decimal("1.75")


@dataclass(frozen=True, slots=True)
class Refusals:
    """Why nothing is lent: each version of the contract has errors of its own."""

    copy_unknown: type[Refusal]
    copy_on_loan: type[Refusal]
    reader_unknown: type[Refusal]


async def start(uow: UnitOfWork, payload: LoanStartInput, /) -> LoanStartOutput:
    """Lend a copy that nobody else has."""
    period = await _period(uow, payload.from_ or uow.now.date(), payload.class_)
    refusals = Refusals(CopyUnknown, CopyOnLoan, ReaderUnknown)
    loan = await _lend(uow, payload.copy_, payload.reader, period, refusals, class_=payload.class_, json_=payload.json_)
    uow.emit(
        LoanStarted(
            loan=loan.id,
            copy_=loan.copy_id,
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


async def start_v1(uow: UnitOfWork, payload: before.LoanStartV1Input, /) -> before.LoanStartV1Output:
    """Lend a copy from today on, as long as this library does."""
    period = await _period(uow, uow.now.date(), LoanClass.STANDARD)
    refusals = Refusals(before.CopyUnknown, before.CopyOnLoan, before.ReaderUnknown)
    loan = await _lend(uow, payload.copy_, payload.reader, period, refusals)
    uow.emit(LoanStartedV1(loan=loan.id, copy_=loan.copy_id))
    return before.LoanStartV1Output(loan=loan.id)


async def _lend(
    uow: UnitOfWork,
    copy_id: UUID,
    reader_id: UUID,
    period: Period,
    refusals: Refusals,
    *,
    class_: LoanClass = LoanClass.STANDARD,
    json_: JsonValue | None = None,
) -> Loan:
    # Locked, so that of two who ask for one copy at once the second sees the first's loan.
    copy = await uow.session.get(Copy, copy_id, with_for_update=True)
    if copy is None:
        raise refusals.copy_unknown
    reader = await uow.session.get(Reader, reader_id)
    if reader is None:
        raise refusals.reader_unknown
    taken = select(Loan).where(Loan.copy_id == copy.id, col(Loan.returned_on).is_(None))
    if (await uow.session.exec(taken)).first():
        raise refusals.copy_on_loan
    loan = Loan(
        library_id=uow.tenant,
        copy_id=copy.id,
        reader_id=reader.id,
        from_=period.from_,
        until=period.until,
        class_=class_,
        fee=FEES.get(class_, Decimal("0.00")),
        damages=[],
        json_=json_,
    )
    uow.session.add_all([loan, Visit(library_id=uow.tenant, card=reader.card_number, what=f"took {copy.shelf}")])
    return loan


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


async def prolong_v1(uow: UnitOfWork, payload: LoanProlongV1Input, /) -> LoanProlongV1Output:
    """Move a loan's last day by three weeks, however often."""
    loan = await _loan(uow, payload.loan)
    if loan is None:
        raise NothingToProlongV1
    if loan.returned_on is not None:
        raise LoanIsOverV1
    loan.until += timedelta(weeks=3)
    return LoanProlongV1Output(until=loan.until)


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
