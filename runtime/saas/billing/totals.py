"""Usage totals: the SQL that locks and reads them, and how records change one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, or_, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_total import UsageTotal
from saas.billing.ledger import Record
from saas.billing.periods import PeriodNames
from treaty_runtime.identifiers import new_id
from treaty_runtime.pages import Page
from treaty_runtime.unit_of_work import Transaction

__all__ = [
    "LARGEST",
    "Place",
    "Total",
    "at",
    "days",
    "every",
    "fitting",
    "keep",
    "lock",
    "of_every_feature",
    "of_feature",
    "standing",
    "start",
    "usage_by_window",
]

LARGEST = 2**63 - 1

Place = tuple[str, LimitWindow, str]
"""Which total: the feature, the kind of period, and its name."""

Newest = tuple[datetime, datetime, UUID]
"""The newest record: when it occurred, when it was recorded, and its id."""


@dataclass(slots=True)
class Total:
    """Where a total stands, as records are counted in it; one without records has no newest."""

    usage: int = 0
    events: int = 0
    newest: Newest | None = None

    def usage_with(self, record: Record, aggregation: Aggregation) -> int:
        """What the usage would be with one more record. Raises `OverflowError` when it would not fit."""
        if aggregation is Aggregation.SUM:
            return fitting(self.usage + record.quantity)
        if aggregation is Aggregation.COUNT:
            return fitting(self.usage + 1)
        return record.quantity if self._is_newest(record) else self.usage

    def count(self, record: Record, usage: int) -> None:
        """Take in a record, which makes the usage this."""
        if self._is_newest(record):
            self.newest = (record.occurred_at, record.recorded_at, record.id)
        self.usage = usage
        self.events += 1

    def _is_newest(self, record: Record) -> bool:
        return self.newest is None or (record.occurred_at, record.recorded_at, record.id) > self.newest


# Made once, because making a statement takes as long as sending it; each window's period is a parameter of its name.
_IN_PERIODS = select(UsageTotal).where(
    or_(
        *(
            and_(col(UsageTotal.window) == window, col(UsageTotal.period) == bindparam(window.value))
            for window in LimitWindow
        )
    )
)
_OF_FEATURE = _IN_PERIODS.where(col(UsageTotal.feature) == bindparam("feature"))


async def lock(uow: Transaction, places: Collection[Place]) -> dict[Place, UsageTotal]:
    """The totals at these places, as far as there are any, locked until the commit.

    Everybody locks in one order, so that nobody waits for somebody who waits for them.
    """
    if not places:
        return {}
    order = (col(UsageTotal.feature), col(UsageTotal.window), col(UsageTotal.period))
    found = select(UsageTotal).where(_at(places)).order_by(*order).with_for_update()
    return _by_place(await uow.session.exec(found, execution_options={"populate_existing": True}))


async def start(uow: Transaction, places: Collection[Place]) -> None:
    """Make the totals at these places, unless somebody else just has; in one order, as they are locked."""
    nothing = {"organization_id": uow.tenant, "usage": 0, "events": 0}
    rows = [
        {**nothing, "id": new_id(), "feature": feature, "window": window, "period": period}
        for feature, window, period in sorted(places)
    ]
    if rows:
        await (await uow.session.connection()).execute(insert(UsageTotal).values(rows).on_conflict_do_nothing())


async def at(uow: Transaction, places: Collection[Place]) -> dict[Place, UsageTotal]:
    """The totals at these places, as far as there are any."""
    return _by_place(await uow.session.exec(select(UsageTotal).where(_at(places)))) if places else {}


def standing(total: UsageTotal) -> Total:
    """Where a stored total stands."""
    newest = (total.last_occurred_at, total.last_recorded_at, total.last_event)
    return Total(total.usage, total.events, None if None in newest else cast("Newest", newest))


def keep(total: UsageTotal, stands: Total) -> None:
    """Store where it stands now."""
    total.usage, total.events = stands.usage, stands.events
    if stands.newest:
        total.last_occurred_at, total.last_recorded_at, total.last_event = stands.newest


async def of_feature(uow: Transaction, feature: str, periods: PeriodNames) -> list[UsageTotal]:
    """The totals of one feature in these periods, as far as there are any."""
    return list(await uow.session.exec(_OF_FEATURE, params={"feature": feature, **_named(periods)}))


async def of_every_feature(uow: Transaction, periods: PeriodNames) -> list[UsageTotal]:
    """The totals of all features in these periods, as far as there are any."""
    return list(await uow.session.exec(_IN_PERIODS, params=_named(periods)))


async def days(uow: Transaction, wanted: Page[tuple[str]], feature: str, first: date | None) -> Sequence[UsageTotal]:
    """A page of a feature's days, from the first one on."""
    statement = select(UsageTotal).where(col(UsageTotal.feature) == feature, col(UsageTotal.window) == LimitWindow.DAY)
    if first is not None:
        statement = statement.where(col(UsageTotal.period) >= first.isoformat())
    return (await uow.session.exec(wanted.of(statement, UsageTotal.period))).all()


async def every(uow: Transaction) -> list[UsageTotal]:
    """All totals of the organization, as they are in the database now."""
    return list(await uow.session.exec(select(UsageTotal), execution_options={"populate_existing": True}))


def usage_by_window(totals: Iterable[UsageTotal]) -> Mapping[LimitWindow, int]:
    """How much is used in each window, for the totals of one feature."""
    return {total.window: total.usage for total in totals}


def fitting(usage: int) -> int:
    """`usage`, as long as the database can hold it. Raises `OverflowError` when it cannot."""
    if usage > LARGEST:
        raise OverflowError(f"{usage} is more than a total can hold")
    return usage


def _named(periods: PeriodNames) -> dict[str, str]:
    return {window.value: name for window, name in periods.items()}


def _at(places: Collection[Place]) -> ColumnElement[bool]:
    return tuple_(col(UsageTotal.feature), col(UsageTotal.window), col(UsageTotal.period)).in_(list(places))


def _by_place(found: Iterable[UsageTotal]) -> dict[Place, UsageTotal]:
    return {(total.feature, total.window, total.period): total for total in found}
