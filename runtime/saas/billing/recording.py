"""Taking records of usage, many at a time: ledger, totals, limits and events in one transaction.

What becomes of them is what would have become of them one after the other, in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from generated.saas.billing import usage_record as contract
from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.limit_reached import LimitReached
from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_record import UsageRecordInput
from generated.saas.billing.usage_record_batch import UsageRecordBatchInputEvents
from generated.saas.billing.usage_recorded import UsageRecorded
from saas.billing import limits, meters, organization, subscription
from saas.billing.books import Account, Accounts, Books
from saas.billing.ledger import Record
from saas.billing.limits import Standing
from saas.billing.meters import Metered
from saas.billing.periods import Calendar
from treaty_runtime.identifiers import new_id
from treaty_runtime.refusals import IdempotencyConflict, Refusal
from treaty_runtime.unit_of_work import Transaction

__all__ = ["Outcome", "Report", "events", "record", "record_unclaimed"]

OLDEST = timedelta(days=35)
FURTHEST_AHEAD = timedelta(minutes=5)
TRIES = 3


Report = UsageRecordInput | UsageRecordBatchInputEvents
"""Usage as it is reported, alone or among others."""


class Outcome(NamedTuple):
    """What became of a report that was not refused: a record, made for it (`recorded`) or before.

    `usage` is that of the limit to tell of, without a limit that of the billing period; `crossed` are the limits that
    the record brought from not reached to reached.
    """

    record: Record
    recorded: bool
    usage: int
    limit: Standing | None
    crossed: tuple[Standing, ...] = ()


class _Draft(NamedTuple):
    """A report with what is known before anything is counted; `refusal` says why it can't be taken at all.

    One that may be taken has an account.
    """

    report: Report
    metered: Metered | None
    occurred_at: datetime
    refusal: Refusal | None
    account: Account | None


async def record(uow: Transaction, reports: Sequence[Report]) -> list[Outcome | Refusal]:
    """Take reports into the ledger and the totals, unless the ledger has them already; one result for each."""
    await organization.share(uow)
    metered = await meters.of_features(uow, {report.feature for report in reports})
    accounts = Accounts(Calendar(subscription.started_at(await subscription.find(uow))))
    drafts = [_draft(report, metered.get(report.feature), accounts, uow.now) for report in reports]
    wanted = [(draft.report.idempotency_key, draft.account) for draft in drafts if draft.account]
    books = await Books.open(uow, {report.idempotency_key for report in reports}, wanted)
    outcomes = [_take(books, draft, uow.now) for draft in drafts]
    await books.close()
    return outcomes


async def record_unclaimed(uow: Transaction, reports: Sequence[Report]) -> list[Outcome | Refusal]:
    """The same for reports whose keys nobody has claimed before.

    Where they are counted in the same total, one of two with a key waits for the other. Where they are not, as on both
    sides of midnight, the ledger refuses the later one; it has the earlier one then, and tells so when asked again.
    """
    for _ in range(TRIES - 1):
        try:
            async with uow.session.begin_nested():
                return await record(uow, reports)
        except IntegrityError:
            continue
    return await record(uow, reports)


def events(uow: Transaction, outcome: Outcome) -> list[UsageRecorded | LimitReached]:
    """What is told of an outcome: nothing of usage that was recorded before."""
    if not outcome.recorded:
        return []
    record = outcome.record
    told: list[UsageRecorded | LimitReached] = [
        UsageRecorded(
            organization_id=uow.tenant,
            feature=record.feature,
            quantity=record.quantity,
            billing_period=record.billing_period,
            recorded_at=record.recorded_at,
        )
    ]
    for standing in outcome.crossed:
        told.append(
            LimitReached(
                organization_id=uow.tenant,
                feature=record.feature,
                window=standing.window,
                period=record.period_names[standing.window],
                enforcement=standing.enforcement,
                limit=standing.limit,
                current_usage=standing.usage,
                reached_at=record.recorded_at,
            )
        )
    return told


def _draft(report: Report, metered: Metered | None, accounts: Accounts, now: datetime) -> _Draft:
    occurred_at = report.occurred_at or now
    refusal = _refusal(report, metered, occurred_at, now)
    account = accounts.of(metered, occurred_at) if metered and refusal is None else None
    return _Draft(report, metered, occurred_at, refusal, account)


def _refusal(report: Report, metered: Metered | None, occurred_at: datetime, now: datetime) -> Refusal | None:
    if not now - OLDEST <= occurred_at <= now + FURTHEST_AHEAD:
        return contract.OutsideTimeWindow(
            f"{occurred_at.isoformat()} is not between {(now - OLDEST).isoformat()} "
            f"and {(now + FURTHEST_AHEAD).isoformat()}."
        )
    if metered is None:
        return contract.FeatureNotMetered(f"No meter measures {report.feature}.")
    if report.quantity == 0 and metered.aggregation is not Aggregation.LAST:
        return contract.NothingUsed()
    return None


def _take(books: Books, draft: _Draft, now: datetime) -> Outcome | Refusal:
    """Enter one report into the books."""
    earlier = books.find(draft.report.idempotency_key)
    if earlier is not None:
        return _repeat(books, draft, earlier)
    account = draft.account
    if account is None:
        return draft.refusal or contract.FeatureNotMetered()
    record = _record(draft, account, now)
    before = account.usage
    try:
        after = account.usage_with(record)
    except OverflowError:
        return contract.TotalTooLarge()
    standings = limits.standings(account.metered.limits, after)
    if limit := limits.exceeded(standings, before):
        return contract.LimitExceeded(
            f"The limit is {limit.limit}; {before[limit.window]} are used, and the record would make it {limit.usage}."
        )
    books.enter(record, account, after)
    return _outcome(record, standings, after, recorded=True, crossed=limits.crossed(standings, before))


def _repeat(books: Books, draft: _Draft, earlier: Record) -> Outcome | Refusal:
    """Tell of usage that the ledger has already, unless it is other usage under the same key."""
    if not _is_same(draft.report, earlier):
        return IdempotencyConflict()
    usage = books.usage(earlier)
    standings = limits.standings(draft.metered.limits if draft.metered else [], usage)
    return _outcome(earlier, standings, usage, recorded=False)


def _outcome(
    record: Record,
    standings: Sequence[Standing],
    usage: limits.Usage,
    *,
    recorded: bool,
    crossed: tuple[Standing, ...] = (),
) -> Outcome:
    limit = limits.decisive(standings)
    used = limit.usage if limit else usage.get(LimitWindow.BILLING_PERIOD, 0)
    return Outcome(record, recorded, used, limit, crossed)


def _record(draft: _Draft, account: Account, now: datetime) -> Record:
    report = draft.report
    return Record(
        id=new_id(),
        feature=report.feature,
        quantity=report.quantity,
        idempotency_key=report.idempotency_key,
        occurred_at=draft.occurred_at,
        recorded_at=now,
        billing_period=account.names[LimitWindow.BILLING_PERIOD],
        source_id=report.source_id,
        metadata_=report.metadata,
    )


def _is_same(report: Report, earlier: Record) -> bool:
    """Whether this is the usage of the record. Sent without a time, it is taken to be of the same time."""
    return (report.feature, report.quantity, report.source_id, report.metadata) == (
        earlier.feature,
        earlier.quantity,
        earlier.source_id,
        earlier.metadata_,
    ) and report.occurred_at in (None, earlier.occurred_at)
