"""What an organization uses: `usage.record`, `usage.list`, `usage.summary` and `usage.rebuild`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from generated.saas.billing.usage_event import UsageEvent
from generated.saas.billing.usage_list import UsageListInput, UsageListItem, UsageListOutput
from generated.saas.billing.usage_rebuild import TotalTooLarge as RebuiltTotalTooLarge
from generated.saas.billing.usage_rebuild import UsageRebuildInput, UsageRebuildOutput
from generated.saas.billing.usage_record import UsageRecordInput, UsageRecordOutput
from generated.saas.billing.usage_summary import UnknownPeriod, UsageSummaryInput, UsageSummaryOutput
from saas.billing import counters, ledger, periods, rebuilding, recording, subscription
from treaty_runtime.pages import Page
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["list", "rebuild", "record", "summary"]


async def record(uow: UnitOfWork, payload: UsageRecordInput, /) -> UsageRecordOutput:
    """Take a record into the ledger and the totals, unless the ledger has it already."""
    earlier = await ledger.find(uow, payload.idempotency_key)
    if earlier is not None:
        return await recording.repeat(uow, payload, earlier)
    return await recording.take(uow, payload)


async def list(  # noqa: A001  what the contract calls it
    uow: UnitOfWork, payload: UsageListInput, page: Page[tuple[datetime, UUID]], /
) -> UsageListOutput:
    """Show what the ledger holds of a feature, for customers who count themselves."""
    rows = await ledger.page(uow, page, payload.feature, payload.billing_period)
    return UsageListOutput(records=[_item(row) for row in rows])


async def summary(uow: UnitOfWork, payload: UsageSummaryInput, /) -> UsageSummaryOutput:
    """Show what was used in a billing period, and where the limits stand."""
    started_at = subscription.started_at(await subscription.find(uow))
    running = periods.billing_period(uow.now, started_at)
    period = periods.billing_period_named(payload.period, started_at) if payload.period else running
    if period is None:
        raise UnknownPeriod(f"The organization has no billing period {payload.period}.")
    return UsageSummaryOutput(
        billing_period=period.name,
        period_start=period.start,
        period_end=period.end,
        counters=await counters.of_period(uow, period, running=period == running),
    )


async def rebuild(uow: UnitOfWork, _payload: UsageRebuildInput, /) -> UsageRebuildOutput:
    """Make the totals what the ledger says."""
    rebuilt = await rebuilding.rebuild(uow)
    if rebuilt.healed < rebuilt.differences:
        raise RebuiltTotalTooLarge
    return UsageRebuildOutput(totals=rebuilt.totals, corrected=rebuilt.healed)


def _item(row: UsageEvent) -> UsageListItem:
    return UsageListItem(
        id=row.id,
        quantity=row.quantity,
        idempotency_key=row.idempotency_key,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        billing_period=row.billing_period,
        source_id=row.source_id,
    )
