"""Totals compared with the ledger, and made anew from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.usage_event import UsageEvent
from generated.saas.billing.usage_total import UsageTotal
from saas.billing import ledger, meters, organization, periods, totals
from saas.billing.ledger import Tally
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["Rebuilt", "differences", "rebuild"]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many totals the ledger makes, how many were missing or wrong, and how many of those are right now."""

    totals: int
    differences: int
    healed: int


@dataclass(frozen=True, slots=True)
class _Pair:
    """What the ledger says of a total and what is kept of it; one of the two may be missing."""

    right: dict[str, Any] | None
    kept: UsageTotal | None

    @property
    def differs(self) -> bool:
        """Whether the total is not what the ledger says."""
        if self.right is None or self.kept is None:
            return True
        return any(getattr(self.kept, name) != value for name, value in self.right.items())

    @property
    def fits(self) -> bool:
        """Whether the database can hold what the ledger says."""
        return self.right is None or self.right["usage"] <= totals.LARGEST


async def differences(uow: UnitOfWork) -> int:
    """How many totals are not what the ledger says. Nobody waits, so one that is just being recorded may be counted."""
    return sum(pair.differs for pair in await _pairs(uow))


async def rebuild(uow: UnitOfWork) -> Rebuilt:
    """Make the organization's totals what its ledger says; one that does not fit is left as it is.

    Records wait meanwhile. Usage of features that nothing meters any more is left as it is: nothing says how it
    would be added up. So are the totals of periods that began before the oldest records which the ledger still keeps.
    """
    await organization.lock(uow)
    pairs = await _pairs(uow)
    wrong = [pair for pair in pairs if pair.differs]
    healed = [pair for pair in wrong if pair.fits]
    for pair in healed:
        await _heal(uow, pair)
    return Rebuilt(sum(pair.right is not None for pair in pairs), len(wrong), len(healed))


async def _pairs(uow: UnitOfWork) -> list[_Pair]:
    oldest = uow.now - UsageEvent.KEEP
    aggregations = {metered.feature: metered.aggregation for metered in await meters.every(uow)}
    kept = {
        (total.feature, total.window, total.period): total
        for total in await totals.every(uow)
        if total.feature in aggregations and periods.first_day(total.period) >= oldest
    }
    pairs = [
        _Pair(_right(tally, aggregations[tally.feature]), kept.pop((tally.feature, tally.window, tally.period), None))
        for tally in await ledger.tallies(uow)
        if tally.feature in aggregations and periods.first_day(tally.period) >= oldest
    ]
    return [*pairs, *(_Pair(None, groundless) for groundless in kept.values())]


def _right(tally: Tally, aggregation: Aggregation) -> dict[str, Any]:
    return {
        "feature": tally.feature,
        "window": tally.window,
        "period": tally.period,
        "usage": _usage(tally, aggregation),
        "events": tally.events,
        "last_occurred_at": tally.last_occurred_at,
        "last_recorded_at": tally.last_recorded_at,
        "last_event": tally.last_event,
    }


def _usage(tally: Tally, aggregation: Aggregation) -> int:
    match aggregation:
        case Aggregation.SUM:
            return tally.quantity
        case Aggregation.COUNT:
            return tally.events
        case Aggregation.LAST:
            return tally.newest


async def _heal(uow: UnitOfWork, pair: _Pair) -> None:
    if pair.right is None:
        await uow.session.delete(pair.kept)
    elif pair.kept is None:
        uow.session.add(UsageTotal(organization_id=uow.tenant, **pair.right))
    else:
        pair.kept.sqlmodel_update(pair.right)
