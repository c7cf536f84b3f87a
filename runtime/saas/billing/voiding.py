"""Taking a record of usage back: by a new record in the ledger, and in the totals."""

from __future__ import annotations

from uuid import UUID

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_event import UsageEvent
from generated.saas.billing.usage_report import UsageReport
from generated.saas.billing.usage_total import UsageTotal
from generated.saas.billing.usage_void import KeyTaken, NotUsage, TooLateToVoid
from generated.saas.billing.usage_voided import UsageVoided
from saas.billing import ledger, meters, organization, totals
from saas.billing.periods import day_name
from saas.billing.reporting import batches
from saas.billing.reporting.times import VOIDABLE
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["void"]


async def void(uow: UnitOfWork, record_id: UUID) -> tuple[bool, int]:
    """Take a record back unless that was done before; whether it was now, and the usage of its billing period after it.

    Raises `NotFound`, `NotUsage` for a record that takes another one back, and `TooLateToVoid` for one that Stripe
    has, or may have, for so long that it would be billed all the same. Raises `KeyTaken` when other usage has the key
    that the new record needs.
    """
    await organization.lock(uow)  # nothing is recorded meanwhile, and of two who take it back one is the first
    record = await uow.get(UsageEvent, record_id)
    if record.voids is not None:
        raise NotUsage
    is_first = await _is_first(uow, record)
    if is_first:
        await _require_time(uow, record)
        uow.emit(_told(uow, await ledger.void(uow, record)))
        await _uncount(uow, record)
    period = (record.feature, LimitWindow.BILLING_PERIOD, record.billing_period)
    left = (await totals.at(uow, [period])).get(period)
    return is_first, left.usage if left else 0


async def _is_first(uow: UnitOfWork, record: UsageEvent) -> bool:
    key = ledger.voiding_key(record.id)
    earlier = (await ledger.find(uow, [key])).get(key)
    if earlier is not None and earlier.voids != record.id:
        raise KeyTaken(f"Usage was recorded under the key {key}.")
    return earlier is None


async def _require_time(uow: UnitOfWork, record: UsageEvent) -> None:
    if uow.now >= record.recorded_at + UsageReport.KEEP and await organization.stripe_customer(uow) is not None:
        raise TooLateToVoid("It is so old that nobody knows any more whether it was sent to Stripe.")
    since = await batches.may_be_counted_since(uow, record.id)
    if since is not None and uow.now >= since + VOIDABLE:
        raise TooLateToVoid(f"It was sent to Stripe at {since.isoformat()}.")


def _told(uow: UnitOfWork, voiding: UsageEvent) -> UsageVoided:
    assert voiding.voids is not None  # noqa: S101 - it takes one back
    return UsageVoided(
        organization_id=uow.tenant,
        record=voiding.voids,
        feature=voiding.feature,
        quantity=voiding.quantity,
        billing_period=voiding.billing_period,
        voided_at=voiding.recorded_at,
    )


async def _uncount(uow: UnitOfWork, record: UsageEvent) -> None:
    """Have the totals be as if it had never been; what nothing meters any more has none that are kept in step."""
    metered = await meters.find(uow, record.feature)
    if metered is None:
        return
    names = {LimitWindow.DAY: day_name(record.occurred_at), LimitWindow.BILLING_PERIOD: record.billing_period}
    places = [(record.feature, window, name) for window, name in names.items()]
    for total in (await totals.lock(uow, places)).values():
        newest = await ledger.newest(uow, total.feature, total.window, total.period)
        if newest is None:
            await uow.session.delete(total)
        else:
            _without(total, record, newest, metered.aggregation)
    await uow.session.flush()


def _without(total: UsageTotal, record: UsageEvent, newest: UsageEvent, aggregation: Aggregation) -> None:
    # A total that does not have the record yet, after an import, does not go below nothing; it is healed at night.
    total.events = max(total.events - 1, 0)
    match aggregation:
        case Aggregation.SUM:
            total.usage = max(total.usage - record.quantity, 0)
        case Aggregation.COUNT:
            total.usage = total.events
        case Aggregation.LAST:
            total.usage = newest.quantity
    total.last_occurred_at, total.last_recorded_at, total.last_event = (
        newest.occurred_at,
        newest.recorded_at,
        newest.id,
    )
