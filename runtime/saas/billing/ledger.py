"""The ledger of usage: the SQL that appends to it, finds in it and adds it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import SQLColumnExpression, func
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_event import UsageEvent, UsageEventByIdempotencyKey
from treaty_runtime.pages import Page
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["Tally", "append", "find", "page", "tallies"]


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


async def find(uow: UnitOfWork, idempotency_key: str) -> UsageEvent | None:
    """The record of this key. Most are new, and then no partition is opened; the key of others leads to theirs."""
    wanted = col(UsageEventByIdempotencyKey.idempotency_key) == idempotency_key
    key = (await uow.session.exec(select(UsageEventByIdempotencyKey).where(wanted))).first()
    if key is None:
        return None
    there = col(UsageEvent.id) == key.id, col(UsageEvent.recorded_at) == key.recorded_at
    return (await uow.session.exec(select(UsageEvent).where(*there))).first()


async def page(
    uow: UnitOfWork, wanted: Page[tuple[datetime, UUID]], feature: str, billing_period: str | None
) -> Sequence[UsageEvent]:
    """A page of a feature's records, of one billing period if given, by the time of the usage."""
    statement = select(UsageEvent).where(col(UsageEvent.feature) == feature)
    if billing_period is not None:
        statement = statement.where(col(UsageEvent.billing_period) == billing_period)
    return (await uow.session.exec(wanted.of(statement, UsageEvent.occurred_at, UsageEvent.id))).all()


async def append(uow: UnitOfWork, event: UsageEvent) -> None:
    """Add a record. The check of its reference to the organization waits while totals are being rebuilt."""
    uow.session.add(event)
    await uow.session.flush()


async def tallies(uow: UnitOfWork) -> list[Tally]:
    """The organization's whole ledger, added up for each day and for each billing period."""
    day = func.to_char(func.timezone("UTC", col(UsageEvent.occurred_at)), "YYYY-MM-DD")
    return [
        *await _tallies(uow, LimitWindow.DAY, day),
        *await _tallies(uow, LimitWindow.BILLING_PERIOD, col(UsageEvent.billing_period)),
    ]


async def _tallies(uow: UnitOfWork, window: LimitWindow, period: SQLColumnExpression[str]) -> list[Tally]:
    place = (col(UsageEvent.feature), period)
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
        .ext(distinct_on(*place))
        .order_by(*place, occurred_at.desc(), recorded_at.desc(), event.desc())
    )
    rows = await (await uow.session.connection()).execute(statement)
    return [
        Tally(feature, window, name, int(quantity), events, newest, last_occurred_at, last_recorded_at, last_event)
        for feature, name, quantity, events, newest, last_occurred_at, last_recorded_at, last_event in rows
    ]
