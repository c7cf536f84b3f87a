"""`reporting.send`: send a batch, and mark what became of it.

A worker that dies amid this leaves the batch as it was: it is sent again with the same identifiers, and what the
backend has already it does not count twice, as long as it knows identifiers again (`times.RESENDABLE`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.reporting_send import ReportingSendInput, ReportingSendOutput
from generated.saas.billing.usage_batch import UsageBatch
from generated.saas.billing.usage_way import UsageWay
from saas.billing import meters, organization
from saas.billing.reporting import batches
from saas.billing.reporting.backend import Backend, Sent, Usage
from saas.billing.reporting.batches import Reported
from saas.billing.reporting.stripe_backend import stripe_backend
from saas.billing.reporting.times import RESENDABLE, until
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["send"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("saas.billing.reporting")


@dataclass(slots=True)
class _Work:
    """What a batch comes to: usage to be sent or taken back, by record, and what neither is done with, and why."""

    usage: dict[UUID, Usage]
    problems: dict[UUID, str]
    setback: str | None = None


async def send(uow: UnitOfWork, payload: ReportingSendInput, /) -> ReportingSendOutput:
    """Send a batch unless that was done, or is not safe any more."""
    batch = await batches.lock(uow, payload.batch)
    customer = await organization.stripe_customer(uow)
    if batch is None or customer is None or uow.now >= batch.claimed_at + RESENDABLE:
        return ReportingSendOutput(sent=0, refused=0, left=0)
    backend = await stripe_backend(uow.settings)
    records = await batches.records_of(uow, batch)
    if batch.way is UsageWay.VOIDS:
        work = await _to_void(uow, backend, customer, records)
        sent = await backend.void(list(work.usage.values()), uow.now)
    else:
        work = _to_send(uow, backend, customer, records)
        work.usage, sent = await _send(uow, backend, batch.way, work.usage)
    return await _settle(uow, batch, records, work, sent)


def _to_send(uow: UnitOfWork, backend: Backend, customer: str, records: Iterable[Reported]) -> _Work:
    work = _Work({}, {})
    for record in records:
        usage = _usage(uow, backend, customer, record.id, record)
        problem = backend.problem(usage, uow.now)  # taken back or not: it may be there, so it is sent and cancelled
        if problem is None:
            work.usage[record.id] = usage
        else:
            work.problems[record.id] = problem
    return work


async def _to_void(uow: UnitOfWork, backend: Backend, customer: str, records: Sequence[Reported]) -> _Work:
    """What is to be taken back: not what never counted. What is still under way is for later."""
    work = _Work({}, {})
    standing = await batches.standing(uow, [record.voids for record in records if record.voids])
    for record in records:
        assert record.voids is not None  # noqa: S101 - they are in a batch of their own
        target = standing.get(record.voids)
        if target is None or target.problem is not None:
            work.problems[record.id] = batches.VOIDED
        elif target.sent_at is None:
            work.setback = "what is to be taken back has not been sent yet"
        else:
            work.usage[record.id] = _usage(uow, backend, customer, record.voids, record)
    return work


def _usage(uow: UnitOfWork, backend: Backend, customer: str, named: UUID, record: Reported) -> Usage:
    return Usage(
        identifier=backend.identifier(uow.tenant, named),
        customer=customer,
        feature=record.feature,
        quantity=record.quantity,
        occurred_at=record.occurred_at,
    )


async def _send(
    uow: UnitOfWork, backend: Backend, way: UsageWay, usage: dict[UUID, Usage]
) -> tuple[dict[UUID, Usage], Sent]:
    """Send usage in rounds; it in the order of these, and what became of it.

    Of a gauge that was read twice in a second, the later reading is sent after the earlier one was taken.
    """
    sender = backend.stream if way is UsageWay.STREAM else backend.events
    rounds = _rounds(usage, await _gauges(uow))
    ordered = {record: event for group in rounds for record, event in group.items()}
    taken, refused = 0, dict[str, str]()
    for group in rounds:
        sent = await sender.send(list(group.values()), uow.now)
        taken, refused = taken + sent.taken, {**refused, **sent.refused}
        if sent.setback is not None:
            return ordered, Sent(taken, refused, sent.setback)
    return ordered, Sent(taken, refused)


async def _gauges(uow: UnitOfWork) -> frozenset[str]:
    metered = await meters.every(uow)
    return frozenset(each.feature for each in metered if each.aggregation is Aggregation.LAST)


def _rounds(usage: dict[UUID, Usage], gauges: frozenset[str]) -> list[dict[UUID, Usage]]:
    """All at once; after that, of gauges that were read several times in a second, the last readings.

    Stripe's times are whole seconds, and within one the reading that comes last counts.
    """
    last: dict[tuple[str, int], UUID] = {}
    seconds: Counter[tuple[str, int]] = Counter()
    readings = [(record, event) for record, event in usage.items() if event.feature in gauges]
    for record, event in sorted(readings, key=lambda reading: reading[1].occurred_at):
        second = (event.feature, int(event.occurred_at.timestamp()))
        last[second] = record
        seconds[second] += 1
    after = {record for second, record in last.items() if seconds[second] > 1}
    rounds = [{record: event for record, event in usage.items() if record not in after}]
    return [*rounds, {record: usage[record] for record in after}] if after else rounds


async def _settle(
    uow: UnitOfWork, batch: UsageBatch, records: Sequence[Reported], work: _Work, sent: Sent
) -> ReportingSendOutput:
    refused = {
        record: sent.refused[event.identifier]
        for record, event in work.usage.items()
        if event.identifier in sent.refused
    }
    problems = {**work.problems, **refused}
    await batches.note_problems(uow, problems)
    first = list(work.usage.items())[: sent.taken]
    taken = {record for record, event in first if event.identifier not in sent.left} | problems.keys()
    left = [record.id for record in records if record.id not in taken]
    if left:
        await _put_off(uow, batch, left, len(records), sent.setback or work.setback or "")
    if len(left) < len(records) or not records:
        batch.sent_at = uow.now
    for code in problems.values():
        uow.count(code)
    sends = ReportingSendOutput(sent=len(taken) - len(problems), refused=len(problems), left=len(left))
    uow.count(f"sent_as_{batch.way}", sends.sent)
    return sends


async def _put_off(uow: UnitOfWork, batch: UsageBatch, left: Sequence[UUID], of: int, setback: str) -> None:
    """Have what was not taken tried again later. The rest of a batch becomes one of its own, as old as it was."""
    log.warning("usage_not_taken", tenant=str(uow.tenant), batch=str(batch.id), records=len(left), setback=setback)
    attempts = batch.attempts + 1
    later = batch if len(left) == of else await batches.move(uow, batch, left, claimed_at=batch.claimed_at)
    later.attempts, later.due_at = attempts, uow.now + until(attempts)
    uow.count("put_off", len(left))
