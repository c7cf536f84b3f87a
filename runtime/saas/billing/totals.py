"""Usage totals: the SQL that locks and reads them, and how a record changes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_event import UsageEvent
from generated.saas.billing.usage_total import UsageTotal
from saas.billing.periods import PeriodNames
from treaty_runtime.identifiers import new_id
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["LARGEST", "count", "every", "fitting", "lock", "of_every_feature", "of_feature", "usage_by_window"]

LARGEST = 2**63 - 1

# Everybody locks in this order, so that nobody waits for somebody who waits for them.
LOCK_ORDER = (LimitWindow.BILLING_PERIOD, LimitWindow.DAY)


async def lock(uow: UnitOfWork, feature: str, periods: PeriodNames) -> list[UsageTotal]:
    """The totals that a record of `feature` changes, made when they are missing and locked until the commit."""
    nothing = {"organization_id": uow.tenant, "feature": feature, "usage": 0, "events": 0}
    rows = [{**nothing, "id": new_id(), "window": window, "period": periods[window]} for window in LOCK_ORDER]
    key = (col(UsageTotal.organization_id), col(UsageTotal.feature), col(UsageTotal.window), col(UsageTotal.period))
    # DO NOTHING would neither lock nor return a row that is there already.
    statement = (
        insert(UsageTotal)
        .values(rows)
        .on_conflict_do_update(index_elements=key, set_={"events": col(UsageTotal.events)})
        .returning(UsageTotal)
    )
    locked = await uow.session.exec(statement, execution_options={"populate_existing": True})
    return list(locked.scalars())


async def of_feature(uow: UnitOfWork, feature: str, periods: PeriodNames) -> list[UsageTotal]:
    """The totals of one feature in these periods, as far as there are any."""
    wanted = select(UsageTotal).where(col(UsageTotal.feature) == feature, _in_periods(periods))
    return list(await uow.session.exec(wanted))


async def of_every_feature(uow: UnitOfWork, periods: PeriodNames) -> list[UsageTotal]:
    """The totals of all features in these periods, as far as there are any."""
    return list(await uow.session.exec(select(UsageTotal).where(_in_periods(periods))))


async def every(uow: UnitOfWork) -> list[UsageTotal]:
    """All totals of the organization, as they are in the database now."""
    return list(await uow.session.exec(select(UsageTotal), execution_options={"populate_existing": True}))


def usage_by_window(totals: Iterable[UsageTotal]) -> Mapping[LimitWindow, int]:
    """How much is used in each window, for the totals of one feature."""
    return {total.window: total.usage for total in totals}


def count(total: UsageTotal, event: UsageEvent, aggregation: Aggregation) -> None:
    """Take a record into a total. Raises `OverflowError` when the total would not fit."""
    newest = _is_newest(total, event)
    total.usage = fitting(_usage_with(total, event, aggregation, newest=newest))
    total.events += 1
    if newest:
        total.last_occurred_at, total.last_recorded_at, total.last_event = (
            event.occurred_at,
            event.recorded_at,
            event.id,
        )


def fitting(usage: int) -> int:
    """`usage`, as long as the database can hold it. Raises `OverflowError` when it cannot."""
    if usage > LARGEST:
        raise OverflowError(f"{usage} is more than a total can hold")
    return usage


def _usage_with(total: UsageTotal, event: UsageEvent, aggregation: Aggregation, *, newest: bool) -> int:
    match aggregation:
        case Aggregation.SUM:
            return total.usage + event.quantity
        case Aggregation.COUNT:
            return total.usage + 1
        case Aggregation.LAST:
            return event.quantity if newest else total.usage


def _is_newest(total: UsageTotal, event: UsageEvent) -> bool:
    last = (total.last_occurred_at, total.last_recorded_at, total.last_event)
    return None in last or (event.occurred_at, event.recorded_at, event.id) > last


def _in_periods(periods: PeriodNames) -> ColumnElement[bool]:
    return or_(
        *(and_(col(UsageTotal.window) == window, col(UsageTotal.period) == name) for window, name in periods.items())
    )
