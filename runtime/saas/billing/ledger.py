"""The ledger of usage: the SQL that appends to it, finds in it and adds it up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import starmap
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, SQLColumnExpression, Text, and_, any_, bindparam, cast, func
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_event import UsageEvent, UsageEventByIdempotencyKey
from saas.billing.periods import PeriodNames, day_name, first_day, within
from treaty_runtime.pages import Page
from treaty_runtime.unit_of_work import Transaction

__all__ = ["Record", "Tally", "append", "find", "newest", "page", "taken_back", "tallies", "void", "voiding_key"]

VOIDING = "void:"


class Record(NamedTuple):
    """A row of the ledger: a thousand at a time are too many for objects that the session watches."""

    id: UUID
    feature: str
    quantity: int
    idempotency_key: str
    occurred_at: datetime
    recorded_at: datetime
    billing_period: str
    source_id: str | None
    metadata_: Any
    voids: UUID | None = None

    @property
    def period_names(self) -> PeriodNames:
        """What its day and its billing period are called."""
        return {LimitWindow.DAY: day_name(self.occurred_at), LimitWindow.BILLING_PERIOD: self.billing_period}


@dataclass(frozen=True, slots=True)
class Tally:
    """What the ledger says of a feature in a day or billing period; `newest` is the quantity of the newest record."""

    feature: str
    window: LimitWindow
    period: str
    quantity: int
    events: int
    newest: int
    last_occurred_at: datetime
    last_recorded_at: datetime
    last_event: UUID


async def find(uow: Transaction, idempotency_keys: Iterable[str]) -> dict[str, Record]:
    """The records of these keys, as far as there are any, by key. Most are new, and then no partition is opened."""
    key = UsageEventByIdempotencyKey
    there = and_(col(UsageEvent.id) == col(key.id), col(UsageEvent.recorded_at) == col(key.recorded_at))
    wanted = select_columns(*(getattr(UsageEvent, name) for name in Record._fields))
    rows = await (await uow.session.connection()).execute(
        wanted.join(key, there).where(col(key.idempotency_key) == any_(bindparam("keys", type_=ARRAY(Text)))),
        {"keys": list(idempotency_keys)},
    )
    return {record.idempotency_key: record for record in starmap(Record, rows)}


async def page(
    uow: Transaction, wanted: Page[tuple[datetime, UUID]], feature: str, billing_period: str | None
) -> Sequence[UsageEvent]:
    """A page of a feature's records, of one billing period if given, by the time of the usage."""
    statement = select(UsageEvent).where(col(UsageEvent.feature) == feature)
    if billing_period is not None:
        times = within(billing_period)
        if times is None:
            return []
        occurred_at = col(UsageEvent.occurred_at)
        # The index is in the order of time: so it is entered where the period begins, and left where it ends.
        statement = statement.where(
            col(UsageEvent.billing_period) == billing_period, occurred_at >= times[0], occurred_at < times[1]
        )
    return (await uow.session.exec(wanted.of(statement, UsageEvent.occurred_at, UsageEvent.id))).all()


async def append(uow: Transaction, records: Sequence[Record]) -> None:
    """Add records."""
    await uow.insert_many(
        UsageEvent,
        [
            {
                "id": record.id,
                "organization_id": uow.tenant,
                "feature": record.feature,
                "quantity": record.quantity,
                "idempotency_key": record.idempotency_key,
                "occurred_at": record.occurred_at,
                "recorded_at": record.recorded_at,
                "billing_period": record.billing_period,
                "source_id": record.source_id,
                "metadata": record.metadata_,
            }
            for record in records
        ],
    )


def voiding_key(record: UUID) -> str:
    """The idempotency key of the record that takes this one back: there can be only one."""
    return f"{VOIDING}{record}"


def taken_back() -> ColumnElement[bool]:
    """Whether a record of the ledger is taken back. Asks the keys: looking for `voids` would read the whole ledger.

    The key alone says nothing, because whoever records usage names it: the record of that key has to take one back.
    """
    key, voiding = UsageEventByIdempotencyKey, aliased(UsageEvent)
    named = func.concat(VOIDING, cast(col(UsageEvent.id), Text))
    there = and_(col(voiding.id) == col(key.id), col(voiding.recorded_at) == col(key.recorded_at))
    mine: ColumnElement[bool] = and_(
        col(key.organization_id) == col(UsageEvent.organization_id),
        col(key.idempotency_key) == named,
        col(voiding.voids).is_not(None),
    )
    return select_columns(col(key.id)).join(voiding, there).where(mine).correlate(UsageEvent).exists()


async def void(uow: Transaction, record: UsageEvent) -> UsageEvent:
    """Add a record that takes another one back: of the same usage and period, so that neither of the two counts."""
    voiding = UsageEvent(
        organization_id=uow.tenant,
        feature=record.feature,
        quantity=record.quantity,
        idempotency_key=voiding_key(record.id),
        occurred_at=record.occurred_at,
        billing_period=record.billing_period,
        voids=record.id,
    )
    uow.session.add(voiding)
    await uow.session.flush()
    return voiding


async def newest(uow: Transaction, feature: str, window: LimitWindow, period: str) -> UsageEvent | None:
    """The newest record of a feature that counts in a day or billing period."""
    inside = col(UsageEvent.billing_period) == period
    if window is LimitWindow.DAY:
        first = first_day(period)
        inside = and_(col(UsageEvent.occurred_at) >= first, col(UsageEvent.occurred_at) < first + timedelta(days=1))
    order = (col(UsageEvent.occurred_at), col(UsageEvent.recorded_at), col(UsageEvent.id))
    found = select(UsageEvent).where(
        col(UsageEvent.feature) == feature, inside, col(UsageEvent.voids).is_(None), ~taken_back()
    )
    return (await uow.session.exec(found.order_by(*(column.desc() for column in order)).limit(1))).first()


async def tallies(uow: Transaction) -> list[Tally]:
    """The organization's whole ledger, added up for each day and for each billing period."""
    day = func.to_char(func.timezone("UTC", col(UsageEvent.occurred_at)), "YYYY-MM-DD")
    return [
        *await _tallies(uow, LimitWindow.DAY, day),
        *await _tallies(uow, LimitWindow.BILLING_PERIOD, col(UsageEvent.billing_period)),
    ]


async def _tallies(uow: Transaction, window: LimitWindow, period: SQLColumnExpression[str]) -> list[Tally]:
    place = (col(UsageEvent.feature), period)
    voided = select_columns(col(UsageEvent.voids)).where(col(UsageEvent.voids).is_not(None))
    occurred_at, recorded_at, event = col(UsageEvent.occurred_at), col(UsageEvent.recorded_at), col(UsageEvent.id)
    statement = (
        select_columns(
            *place,
            func.sum(col(UsageEvent.quantity)).over(partition_by=place),
            func.count().over(partition_by=place),
            col(UsageEvent.quantity),
            occurred_at,
            recorded_at,
            event,
        )
        .where(col(UsageEvent.voids).is_(None), col(UsageEvent.id).not_in(voided))
        .ext(distinct_on(*place))
        .order_by(*place, occurred_at.desc(), recorded_at.desc(), event.desc())
    )
    rows = await (await uow.session.connection()).execute(statement)
    return [
        Tally(feature, window, name, int(quantity), events, newest, last_occurred_at, last_recorded_at, last_event)
        for feature, name, quantity, events, newest, last_occurred_at, last_recorded_at, last_event in rows
    ]
