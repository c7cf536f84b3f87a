"""Which records of the ledger are on their way to the billing backend, in which batch: the SQL.

A record is put into a batch, and that is committed, before anybody sends it; a batch is marked as sent once all of it
was taken. What is in a batch that is not marked may or may not be at the backend. So what is taken back before is never
sent, and what is taken back later is sent all the same and cancelled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, tuple_, update
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Select
from sqlmodel import col, select

from generated.saas.billing.usage_batch import UsageBatch
from generated.saas.billing.usage_event import UsageEvent
from generated.saas.billing.usage_report import UsageReport
from generated.saas.billing.usage_reporting import UsageReporting
from generated.saas.billing.usage_way import UsageWay
from saas.billing import ledger
from saas.billing.reporting.times import BACK, LAG
from treaty_runtime.identifiers import new_id
from treaty_runtime.unit_of_work import Transaction

__all__ = [
    "VOIDED",
    "Claimed",
    "Reported",
    "Standing",
    "claim_missed",
    "claim_next",
    "due",
    "lock",
    "may_be_counted_since",
    "move",
    "note_problems",
    "open_batches",
    "records_of",
    "reporting",
    "standing",
]

LARGEST = 5_000  # records
STREAMED = 300  # records in a minute, five a second: from there on they are sent many at once
FIRST = UUID(int=0)
VOIDED = "voided"  # taken back before it was sent


@dataclass(frozen=True, slots=True)
class Reported:
    """A record of a batch: whether it was taken back, and the one that it takes back, if it does."""

    id: UUID
    feature: str
    quantity: int
    occurred_at: datetime
    voids: UUID | None
    taken_back: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a claimed record stands: why it does not count, when it was sent; neither while it is under way."""

    problem: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """Batches that were made, of how many records they are, and how many of those are taken back already."""

    batches: tuple[UsageBatch, ...]
    records: int
    voided: int
    is_last: bool


async def reporting(uow: Transaction) -> UsageReporting:
    """How far the ledger was looked through, locked until the commit: of two who claim, one waits for the other."""
    start = {"until_recorded_at": uow.now - BACK, "until_record": FIRST}
    row = {"id": new_id(), "organization_id": uow.tenant, **start}
    await (await uow.session.connection()).execute(insert(UsageReporting).values(row).on_conflict_do_nothing())
    found = await uow.session.exec(
        select(UsageReporting).with_for_update(), execution_options={"populate_existing": True}
    )
    return found.one()


async def claim_next(uow: Transaction, state: UsageReporting, *, much: bool) -> Claimed:
    """Put the next records into batches, in the order in which they were recorded; `much`: there were others before."""
    place = tuple_(col(UsageEvent.recorded_at), col(UsageEvent.id))
    after = place > tuple_(state.until_recorded_at, state.until_record)
    claimed, last = await _claim(uow, after, much=much)
    if last is not None:
        state.until_recorded_at, state.until_record = last
        uow.session.add(state)
    return claimed


async def claim_missed(uow: Transaction, state: UsageReporting) -> Claimed:
    """Put records into batches that were passed over: what was seen too late, or came from an import."""
    return (await _claim(uow, missed(uow, state), much=False))[0]


def missed(uow: Transaction, state: UsageReporting) -> ColumnElement[bool]:
    """Whether a record was passed over."""
    place = tuple_(col(UsageEvent.recorded_at), col(UsageEvent.id))
    reported = select_columns(col(UsageReport.id)).where(col(UsageReport.id) == col(UsageEvent.id)).exists()
    passed = place <= tuple_(state.until_recorded_at, state.until_record)
    return passed & (col(UsageEvent.recorded_at) >= uow.now - BACK) & ~reported


async def _claim(
    uow: Transaction, wanted: ColumnElement[bool], *, much: bool
) -> tuple[Claimed, tuple[datetime, UUID] | None]:
    usage, voids = new_id(), new_id()
    statement = _claiming(wanted, uow.now - LAG, usage, voids)
    row = (await (await uow.session.connection()).execute(statement)).one()
    numbers = {usage: row.usage, voids: row.voids}
    way = UsageWay.STREAM if much or row.usage > STREAMED else UsageWay.EVENTS
    batches = [
        await _batch(uow, of, way if of == usage else UsageWay.VOIDS, number, claimed_at=uow.now)
        for of, number in numbers.items()
        if number
    ]
    claimed = Claimed(tuple(batches), row.usage + row.voids, row.voided, row.seen < LARGEST)
    return claimed, None if row.last is None else (row.last, row.last_id)


def _claiming(wanted: ColumnElement[bool], until: datetime, usage: UUID, voids: UUID) -> Select[tuple[object, ...]]:
    """One statement, so that no record travels: look, add, and say how many there were and which was the last."""
    order = (col(UsageEvent.recorded_at), col(UsageEvent.id))
    is_usage = col(UsageEvent.voids).is_(None)
    batch = case((is_usage, usage), else_=voids).label("batch")
    problem = case((and_(is_usage, ledger.taken_back()), VOIDED)).label("problem")
    seen = (
        select_columns(col(UsageEvent.id), col(UsageEvent.organization_id), col(UsageEvent.recorded_at), batch, problem)
        .where(wanted, col(UsageEvent.recorded_at) < until)
        .order_by(*order)
        .limit(LARGEST)
        .cte("seen")
    )
    added = (
        insert(UsageReport)
        .from_select(
            ["id", "organization_id", "recorded_at", "batch", "problem"], select_columns(seen), include_defaults=False
        )
        .on_conflict_do_nothing()
        .returning(col(UsageReport.batch), col(UsageReport.problem))
        .cte("added")
    )
    last = select_columns(seen.c.recorded_at, seen.c.id).order_by(seen.c.recorded_at.desc(), seen.c.id.desc()).limit(1)
    newest = last.cte("newest")
    return select_columns(
        select_columns(func.count()).where(added.c.batch == usage).scalar_subquery().label("usage"),
        select_columns(func.count()).where(added.c.batch == voids).scalar_subquery().label("voids"),
        select_columns(func.count(added.c.problem)).scalar_subquery().label("voided"),
        select_columns(func.count()).select_from(seen).scalar_subquery().label("seen"),
        select_columns(newest.c.recorded_at).scalar_subquery().label("last"),
        select_columns(newest.c.id).scalar_subquery().label("last_id"),
    )


async def _batch(uow: Transaction, of: UUID, way: UsageWay, records: int, *, claimed_at: datetime) -> UsageBatch:
    batch = UsageBatch(
        id=of,
        organization_id=uow.tenant,
        way=way,
        records=records,
        claimed_at=claimed_at,
        attempts=0,
        due_at=uow.now,
    )
    uow.session.add(batch)
    await uow.session.flush()
    return batch


async def open_batches(uow: Transaction) -> Sequence[UsageBatch]:
    """All batches that are not known to be taken, the oldest first."""
    found = select(UsageBatch).where(col(UsageBatch.sent_at).is_(None)).order_by(col(UsageBatch.id))
    return (await uow.session.exec(found)).all()


async def due(uow: Transaction, resendable: timedelta) -> Sequence[UsageBatch]:
    """The batches that are to be tried now, and may be: the backend still knows what it has of them."""
    return [
        batch
        for batch in await open_batches(uow)
        if batch.due_at <= uow.now and uow.now < batch.claimed_at + resendable
    ]


async def lock(uow: Transaction, of: UUID) -> UsageBatch | None:
    """An open batch, locked until the commit.

    Of what is sent one by one all others are locked with it, always in one order: Stripe takes one call at a time for
    a customer's meter.
    """
    batch = await uow.session.get(UsageBatch, of)
    if batch is None:
        return None
    streamed = batch.way is UsageWay.STREAM
    wanted = col(UsageBatch.id) == of if streamed else col(UsageBatch.way) != UsageWay.STREAM
    found = select(UsageBatch).where(col(UsageBatch.sent_at).is_(None), wanted).order_by(col(UsageBatch.id))
    rows = await uow.session.exec(found.with_for_update(), execution_options={"populate_existing": True})
    return next((batch for batch in rows.all() if batch.id == of), None)


async def records_of(uow: Transaction, batch: UsageBatch) -> list[Reported]:
    """The records of a batch that nothing is known against, in the order in which they were recorded."""
    statement = (
        select_columns(
            col(UsageEvent.id),
            col(UsageEvent.feature),
            col(UsageEvent.quantity),
            col(UsageEvent.occurred_at),
            col(UsageEvent.voids),
            ledger.taken_back(),
        )
        .join(
            UsageReport,
            (col(UsageReport.id) == col(UsageEvent.id)) & (col(UsageReport.recorded_at) == col(UsageEvent.recorded_at)),
        )
        .where(col(UsageReport.batch) == batch.id, col(UsageReport.problem).is_(None))
        .order_by(col(UsageEvent.recorded_at), col(UsageEvent.id))
    )
    rows = await (await uow.session.connection()).execute(statement)
    return [Reported(*row) for row in rows]


async def standing(uow: Transaction, records: Collection[UUID]) -> dict[UUID, Standing]:
    """Where records stand, as far as they were claimed."""
    statement = (
        select_columns(col(UsageReport.id), col(UsageReport.problem), col(UsageBatch.sent_at))
        .join(UsageBatch, col(UsageBatch.id) == col(UsageReport.batch))
        .where(col(UsageReport.id).in_(records))
    )
    rows = await (await uow.session.connection()).execute(statement)
    return {row.id: Standing(row.problem, row.sent_at) for row in rows}


async def move(uow: Transaction, batch: UsageBatch, records: Collection[UUID], *, claimed_at: datetime) -> UsageBatch:
    """Take records out of a batch into one of their own, which is sent in the same way."""
    other = await _batch(uow, new_id(), batch.way, len(records), claimed_at=claimed_at)
    moving = update(UsageReport).where(col(UsageReport.id).in_(records)).values(batch=other.id)
    await (await uow.session.connection()).execute(moving)
    batch.records -= len(records)
    return other


async def note_problems(uow: Transaction, problems: Mapping[UUID, str]) -> int:
    """Note why records do not count at the backend, with those that are this organization's; how many those are."""
    noted = 0
    connection = await uow.session.connection()
    for code in sorted(set(problems.values())):
        records = [record for record, problem in problems.items() if problem == code]
        statement = update(UsageReport).where(col(UsageReport.id).in_(records)).values(problem=code)
        noted += (await connection.execute(statement)).rowcount
    return noted


async def may_be_counted_since(uow: Transaction, record: UUID) -> datetime | None:
    """Since when the backend may have a record; `None` when it does not have it, and will not get it unnoticed."""
    statement = (
        select_columns(col(UsageBatch.claimed_at))
        .join(UsageReport, col(UsageReport.batch) == col(UsageBatch.id))
        .where(col(UsageReport.id) == record, col(UsageReport.problem).is_(None))
    )
    since: datetime | None = (await (await uow.session.connection()).execute(statement)).scalar()
    return since
