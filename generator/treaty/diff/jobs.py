"""Jobs compared: when they run, for whom, how often they are tried, what they take, tell and emit."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diff.acceptance import compare_acceptance
from treaty.diff.base import Found
from treaty.diff.catalogue import jobs, policy
from treaty.diff.fields import FieldComparison
from treaty.diff.operations import compare_emits, compare_output, compare_texts
from treaty.diff.side import Sides
from treaty.diff.views import INPUT
from treaty.diff.wording import was
from treaty.resolve.model import Job


def compare_jobs(old: Job, new: Job, sides: Sides) -> Iterator[Found]:
    """What became of a job."""
    yield from _schedule(old, new, sides)
    yield from _event(old, new, sides)
    yield from _once_and_tenant(old, new, sides)
    yield from _trying(old, new, sides)
    if old.on is None and new.on is None:  # else what it takes is the event's
        yield from FieldComparison(sides, INPUT).fields(old.input, new.input)
    yield from compare_output(old, new, sides)
    if old.audit != new.audit:
        at, side = sides.word(old.header, new.header, "audit")
        kind = policy.AUDIT_ON if new.audit else policy.AUDIT_OFF
        yield Found(kind, at, f"`audit` is {'on' if new.audit else 'off'} now.", side)
    yield from compare_emits(old, new, sides)
    yield from compare_texts(old, new, sides)
    yield from compare_acceptance(old, new, sides)


def _schedule(old: Job, new: Job, sides: Sides) -> Iterator[Found]:
    at, side = sides.word(old.header, new.header, "schedule")
    before, after = old.schedule, new.schedule
    if before is None and after is not None:
        yield Found(jobs.SCHEDULE_ADDED, at, "It has a `schedule` now.", side)
    elif before is not None and after is None:
        yield Found(jobs.SCHEDULE_REMOVED, at, "It has no `schedule` any more.", side)
    elif before is not None and after is not None and before != after:
        change = was(f"{before.cron} {before.zone}", f"{after.cron} {after.zone}")
        yield Found(jobs.SCHEDULE_CHANGED, at, f"`schedule` {change}.", side)


def _event(old: Job, new: Job, sides: Sides) -> Iterator[Found]:
    before = sides.now(old.on) if old.on else None
    if before != new.on:
        at, side = sides.word(old.header, new.header, "on")
        yield Found(jobs.EVENT_CHANGED, at, f"`on` {was(before or 'not said', new.on or 'not said')}.", side)


def _once_and_tenant(old: Job, new: Job, sides: Sides) -> Iterator[Found]:
    if old.each_tenant != new.each_tenant:
        at, side = sides.word(old.header, new.header, "tenant")
        said = {True: "each", False: "none"}
        change = was(said[old.each_tenant], said[new.each_tenant])
        yield Found(jobs.TENANT_CHANGED, at, f"`tenant` {change}.", side)
    before, after = old.once and old.once.name, new.once and new.once.name
    if before != after:
        at, side = sides.word(old.header, new.header, "once")
        yield Found(jobs.ONCE_CHANGED, at, f"`once` {was(before or 'not said', after or 'not said')}.", side)


def _trying(old: Job, new: Job, sides: Sides) -> Iterator[Found]:
    before, after = (old.attempts, old.backoff_seconds), (new.attempts, new.backoff_seconds)
    if before != after:
        at, side = sides.word(old.header, new.header, "retry")
        lowered = after[0] < before[0] or after[1] < before[1]
        change = f"`retry`: {after[0]} attempts from {after[1]} seconds on; it was {before[0]} from {before[1]} on."
        yield Found(jobs.RETRY_LOWERED if lowered else jobs.RETRY_RAISED, at, change, side)
    if old.timeout_seconds != new.timeout_seconds:
        at, side = sides.word(old.header, new.header, "timeout")
        shorter = new.timeout_seconds < old.timeout_seconds
        change = f"`timeout` is {new.timeout_seconds} seconds; it was {old.timeout_seconds}."
        yield Found(jobs.TIMEOUT_SHORTENED if shorter else jobs.TIMEOUT_LENGTHENED, at, change, side)
