"""Totals made anew from the ledger."""

from __future__ import annotations

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.usage_event import UsageEvent
from generated.saas.billing.usage_total import UsageTotal
from saas.billing import ledger, meters, organization, periods, totals
from saas.billing.ledger import Tally
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["rebuild"]


async def rebuild(uow: UnitOfWork) -> tuple[int, int]:
    """Make the organization's totals what its ledger says: how many there are, and how many were not so.

    Records wait meanwhile. Usage of features that nothing meters any more is left as it is: nothing says how it
    would be added up. So are the totals of periods that began before the oldest records which the ledger still keeps.
    Raises `OverflowError` when a total does not fit.
    """
    await organization.lock(uow)
    oldest = uow.now - UsageEvent.KEEP
    aggregations = {metered.meter.feature: metered.meter.aggregation for metered in await meters.every(uow)}
    kept = {
        (total.feature, total.window, total.period): total
        for total in await totals.every(uow)
        if total.feature in aggregations and periods.first_day(total.period) >= oldest
    }
    tallies = [
        tally
        for tally in await ledger.tallies(uow)
        if tally.feature in aggregations and periods.first_day(tally.period) >= oldest
    ]
    corrected = 0
    for tally in tallies:
        total = kept.pop((tally.feature, tally.window, tally.period), None) or _new(uow, tally)
        corrected += _correct(total, tally, aggregations[tally.feature])
    for groundless in kept.values():
        await uow.session.delete(groundless)
    return len(tallies), corrected + len(kept)


def _new(uow: UnitOfWork, tally: Tally) -> UsageTotal:
    total = UsageTotal(
        organization_id=uow.tenant, feature=tally.feature, window=tally.window, period=tally.period, usage=0, events=0
    )
    uow.session.add(total)
    return total


def _correct(total: UsageTotal, tally: Tally, aggregation: Aggregation) -> bool:
    right = {
        "usage": _usage(tally, aggregation),
        "events": tally.events,
        "last_occurred_at": tally.last_occurred_at,
        "last_recorded_at": tally.last_recorded_at,
        "last_event": tally.last_event,
    }
    if all(getattr(total, name) == value for name, value in right.items()):
        return False
    total.sqlmodel_update(right)
    return True


def _usage(tally: Tally, aggregation: Aggregation) -> int:
    match aggregation:
        case Aggregation.SUM:
            return totals.fitting(tally.quantity)
        case Aggregation.COUNT:
            return tally.events
        case Aggregation.LAST:
            return tally.newest
