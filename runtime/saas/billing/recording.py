"""Taking a record of usage: ledger, totals, limits and events in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from generated.saas.billing import usage_record as contract
from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.limit_reached import LimitReached
from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_event import UsageEvent
from generated.saas.billing.usage_limit import UsageLimit
from generated.saas.billing.usage_record import UsageRecordInput, UsageRecordOutput
from generated.saas.billing.usage_recorded import UsageRecorded
from saas.billing import ledger, limits, meters, periods, subscription, totals
from saas.billing.limits import Standing, Usage
from saas.billing.meters import Metered
from saas.billing.periods import PeriodNames
from treaty_runtime.refusals import IdempotencyConflict
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["repeat", "take"]

OLDEST = timedelta(days=35)
FURTHEST_AHEAD = timedelta(minutes=5)


async def take(uow: UnitOfWork, payload: UsageRecordInput) -> UsageRecordOutput:
    """Record usage that the ledger does not have yet."""
    occurred_at = payload.occurred_at or uow.now
    _refuse_outside_window(occurred_at, uow.now)
    metered = await meters.find(uow, payload.feature)
    if metered is None:
        raise contract.FeatureNotMetered(f"No meter measures {payload.feature}.")
    if payload.quantity == 0 and metered.meter.aggregation is not Aggregation.LAST:
        raise contract.NothingUsed
    started_at = subscription.started_at(await subscription.find(uow))
    names = periods.names(occurred_at, periods.billing_period(occurred_at, started_at))
    event = _event(uow, payload, occurred_at, names)
    await ledger.append(uow, event)
    before, after = await _count(uow, event, metered, names)
    _refuse_beyond_limit(metered.limits, before, after)
    _tell(uow, event, names, limits.crossed(metered.limits, before, after))
    return _answer(metered.limits, after, recorded=True)


async def repeat(uow: UnitOfWork, payload: UsageRecordInput, earlier: UsageEvent) -> UsageRecordOutput:
    """Answer usage that the ledger has already. Raises `IdempotencyConflict` when it is other usage."""
    if not _is_same(payload, earlier):
        raise IdempotencyConflict
    uow.mark_repeated()
    names = {
        LimitWindow.DAY: periods.day_name(earlier.occurred_at),
        LimitWindow.BILLING_PERIOD: earlier.billing_period,
    }
    metered = await meters.find(uow, earlier.feature)
    usage = totals.usage_by_window(await totals.of_feature(uow, earlier.feature, names))
    return _answer(metered.limits if metered else [], usage, recorded=False)


def _refuse_outside_window(occurred_at: datetime, now: datetime) -> None:
    if not now - OLDEST <= occurred_at <= now + FURTHEST_AHEAD:
        raise contract.OutsideTimeWindow(
            f"{occurred_at.isoformat()} is not between {(now - OLDEST).isoformat()} "
            f"and {(now + FURTHEST_AHEAD).isoformat()}."
        )


def _event(uow: UnitOfWork, payload: UsageRecordInput, occurred_at: datetime, names: PeriodNames) -> UsageEvent:
    return UsageEvent(
        organization_id=uow.tenant,
        feature=payload.feature,
        quantity=payload.quantity,
        idempotency_key=payload.idempotency_key,
        occurred_at=occurred_at,
        recorded_at=uow.now,
        billing_period=names[LimitWindow.BILLING_PERIOD],
        source_id=payload.source_id,
        metadata_=payload.metadata,
    )


async def _count(uow: UnitOfWork, event: UsageEvent, metered: Metered, names: PeriodNames) -> tuple[Usage, Usage]:
    """Take the record into its totals; the usage before and after it."""
    changed = await totals.lock(uow, event.feature, names)
    before = totals.usage_by_window(changed)
    try:
        for total in changed:
            totals.count(total, event, metered.meter.aggregation)
    except OverflowError as error:
        raise contract.TotalTooLarge from error
    return before, totals.usage_by_window(changed)


def _refuse_beyond_limit(of_meter: Iterable[UsageLimit], before: Usage, after: Usage) -> None:
    if limit := limits.exceeded(of_meter, before, after):
        raise contract.LimitExceeded(
            f"The limit is {limit.limit}; {before[limit.window]} are used, and the record would make it {limit.usage}."
        )


def _tell(uow: UnitOfWork, event: UsageEvent, names: PeriodNames, crossed: Iterable[Standing]) -> None:
    uow.emit(
        UsageRecorded(
            organization_id=uow.tenant,
            feature=event.feature,
            quantity=event.quantity,
            billing_period=event.billing_period,
            recorded_at=uow.now,
        )
    )
    for standing in crossed:
        uow.emit(
            LimitReached(
                organization_id=uow.tenant,
                feature=event.feature,
                window=standing.window,
                period=names[standing.window],
                enforcement=standing.enforcement,
                limit=standing.limit,
                current_usage=standing.usage,
                reached_at=uow.now,
            )
        )


def _answer(of_meter: Iterable[UsageLimit], usage: Usage, *, recorded: bool) -> UsageRecordOutput:
    standing = limits.decisive(limits.standings(of_meter, usage))
    return UsageRecordOutput(
        recorded=recorded,
        current_usage=standing.usage if standing else usage.get(LimitWindow.BILLING_PERIOD, 0),
        limit=standing.limit if standing else None,
        limit_reached=standing is not None and standing.reached,
    )


def _is_same(payload: UsageRecordInput, earlier: UsageEvent) -> bool:
    """Whether this is the usage of the record. Sent without a time, it is taken to be of the same time."""
    return (payload.feature, payload.quantity, payload.source_id, payload.metadata) == (
        earlier.feature,
        earlier.quantity,
        earlier.source_id,
        earlier.metadata_,
    ) and payload.occurred_at in (None, earlier.occurred_at)
