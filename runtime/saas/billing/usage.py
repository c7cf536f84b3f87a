"""What an organization uses: what `usage.record` and all other operations of `usage` do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from generated.saas.billing.report_outcome import ReportOutcome
from generated.saas.billing.usage_daily import UsageDailyInput, UsageDailyItem, UsageDailyOutput
from generated.saas.billing.usage_event import UsageEvent
from generated.saas.billing.usage_list import UsageListInput, UsageListItem, UsageListOutput
from generated.saas.billing.usage_rebuild import TotalTooLarge as RebuiltTotalTooLarge
from generated.saas.billing.usage_rebuild import UsageRebuildInput, UsageRebuildOutput
from generated.saas.billing.usage_record import UsageRecordInput, UsageRecordOutput
from generated.saas.billing.usage_record_batch import (
    UsageRecordBatchInput,
    UsageRecordBatchOutput,
    UsageRecordBatchOutputResults,
)
from generated.saas.billing.usage_summary import UnknownPeriod, UsageSummaryInput, UsageSummaryOutput
from generated.saas.billing.usage_void import UsageVoidInput, UsageVoidOutput
from saas.billing import counters, ledger, periods, rebuilding, recording, subscription, totals, voiding
from saas.billing.recording import Outcome
from treaty_runtime.operations import Result
from treaty_runtime.pages import Page
from treaty_runtime.refusals import Refusal
from treaty_runtime.unit_of_work import Item, Transaction, UnitOfWork

__all__ = ["daily", "list_records", "rebuild", "record_batch", "record_many", "summary", "void"]

# What most of a thousand results are.
_RECORDED = UsageRecordBatchOutputResults(outcome=ReportOutcome.RECORDED)
_DUPLICATE = UsageRecordBatchOutputResults(outcome=ReportOutcome.DUPLICATE)


async def record_many(uow: Transaction, items: Sequence[Item[UsageRecordInput]], /) -> list[Result[UsageRecordOutput]]:
    """Take records into the ledger and the totals, unless the ledger has them already."""
    outcomes = await recording.record(uow, [item.payload for item in items])
    return [_answer(uow, item, outcome) for item, outcome in zip(items, outcomes, strict=True)]


async def record_batch(uow: UnitOfWork, payload: UsageRecordBatchInput, /) -> UsageRecordBatchOutput:
    """Take each of many records as if it had been sent alone."""
    outcomes = await recording.record_unclaimed(uow, payload.events)
    for outcome in outcomes:
        if isinstance(outcome, Outcome):
            uow.concerns(UsageEvent, outcome.record.id, "added" if outcome.recorded else "read")
            for event in recording.events(uow, outcome):
                uow.emit(event)
    results = [_result(outcome) for outcome in outcomes]
    ended = Counter(result.outcome for result in results)
    return UsageRecordBatchOutput(
        recorded=ended[ReportOutcome.RECORDED],
        duplicates=ended[ReportOutcome.DUPLICATE],
        refused=ended[ReportOutcome.REFUSED],
        results=results,
    )


async def list_records(
    uow: UnitOfWork, payload: UsageListInput, page: Page[tuple[datetime, UUID]], /
) -> UsageListOutput:
    """Show what the ledger holds of a feature, for customers who count themselves."""
    rows = await ledger.page(uow, page, payload.feature, payload.billing_period)
    return UsageListOutput(records=[_item(row) for row in rows])


async def daily(uow: UnitOfWork, payload: UsageDailyInput, page: Page[tuple[str]], /) -> UsageDailyOutput:
    """Show the totals of the days on which a feature was used."""
    rows = await totals.days(uow, page, payload.feature, payload.from_)
    return UsageDailyOutput(days=[UsageDailyItem(day=row.period, usage=row.usage, events=row.events) for row in rows])


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


async def void(uow: UnitOfWork, payload: UsageVoidInput, /) -> UsageVoidOutput:
    """Take a record back, in the ledger and in the totals."""
    voided, usage = await voiding.void(uow, payload.id)
    if not voided:
        uow.mark_repeated()
    return UsageVoidOutput(voided=voided, current_usage=usage)


def _item(row: UsageEvent) -> UsageListItem:
    return UsageListItem(
        id=row.id,
        quantity=row.quantity,
        idempotency_key=row.idempotency_key,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        billing_period=row.billing_period,
        source_id=row.source_id,
        voids=row.voids,
    )


def _answer(uow: Transaction, item: Item[UsageRecordInput], outcome: Outcome | Refusal) -> Result[UsageRecordOutput]:
    if isinstance(outcome, Refusal):
        return outcome
    item.concerns(UsageEvent, outcome.record.id, "added" if outcome.recorded else "read")
    if not outcome.recorded:
        item.mark_repeated()
    for event in recording.events(uow, outcome):
        item.emit(event)
    return UsageRecordOutput(
        recorded=outcome.recorded,
        current_usage=outcome.usage,
        limit=outcome.limit.limit if outcome.limit else None,
        limit_reached=outcome.limit is not None and outcome.limit.reached,
    )


def _result(outcome: Outcome | Refusal) -> UsageRecordBatchOutputResults:
    if isinstance(outcome, Refusal):
        return UsageRecordBatchOutputResults(outcome=ReportOutcome.REFUSED, code=outcome.code, detail=outcome.detail)
    return _RECORDED if outcome.recorded else _DUPLICATE
