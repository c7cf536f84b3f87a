"""Webhooks compared: where events are sent to, which are handled, how, and for how long they are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from treaty.diff.acceptance import compare_acceptance
from treaty.diff.base import Found
from treaty.diff.catalogue import webhooks
from treaty.diff.operations import compare_reasons
from treaty.diff.side import Sides
from treaty.diff.wording import was
from treaty.resolve.model import Handling, Webhook


class _Way(NamedTuple):
    """How an event has a job done: what it is given, and where the event says whose it is."""

    given: tuple[tuple[str, str], ...]
    tenant: str | None
    handling: Handling


def compare_webhooks(old: Webhook, new: Webhook, sides: Sides) -> Iterator[Found]:
    """What became of a webhook."""
    before, after = f"{old.method} {old.http_path}", f"{new.method} {new.http_path}"
    if (before, old.provider) != (after, new.provider):
        at, side = sides.word(old.header, new.header, "http")
        yield Found(webhooks.ADDRESS_CHANGED, at, f"`http` {was(before, after)}.", side)
    yield from _handles(old, new, sides)
    yield from _looking(old, new, sides)
    yield from _times(old, new, sides)
    yield from compare_reasons(old, new, sides)
    yield from compare_acceptance(old, new, sides)


def _handles(old: Webhook, new: Webhook, sides: Sides) -> Iterator[Found]:
    before, after = _ways(old, sides), _ways(new, None)
    for (event, job), way in before.items():
        if (event, job) not in after and job in sides.new.model.jobs:
            at = sides.old.word_at(old.header.key, "handles", way.handling.position, "events")
            yield Found(webhooks.EVENT_NO_LONGER_HANDLED, at, f"`{job}` is no longer done after `{event}`.", "old")
    for (event, job), way in after.items():
        at = sides.new.word_at(new.header.key, "handles", way.handling.position, "events")
        if (event, job) not in before:
            yield Found(webhooks.EVENT_HANDLED, at, f"`{job}` is done after `{event}`.")
        elif before[event, job][:2] != way[:2]:
            yield Found(webhooks.HANDLING_CHANGED, at, f"`{job}` is done otherwise after `{event}`.")


def _ways(webhook: Webhook, sides: Sides | None) -> dict[tuple[str, str], _Way]:
    """Each event with each job; jobs as NEW calls them."""
    found = {}
    for handling in webhook.handles:
        given = tuple(sorted((item.field.name, item.path) for item in handling.given))
        job = sides.now(handling.job) if sides else handling.job
        for event in handling.events:
            found[event, job] = _Way(given, handling.tenant, handling)
    return found


def _looking(old: Webhook, new: Webhook, sides: Sides) -> Iterator[Found]:
    """Where it looks for the tenant, and for what thin events do not say."""
    for word, before, after in (
        ("tenant", _tenant(old), _tenant(new)),
        ("fetch", ":".join(old.fetch or ()) or None, ":".join(new.fetch or ()) or None),
    ):
        if before != after:
            at, side = sides.word(old.header, new.header, word)
            yield Found(webhooks.HANDLING_CHANGED, at, f"`{word}` {was(before, after)}.", side)


def _tenant(webhook: Webhook) -> str | None:
    return f"{webhook.tenant.by.name} from {webhook.tenant.where}" if webhook.tenant else None


def _times(old: Webhook, new: Webhook, sides: Sides) -> Iterator[Found]:
    if old.tolerance_seconds != new.tolerance_seconds:
        at, side = sides.word(old.header, new.header, "tolerance")
        change = f"`tolerance` is {new.tolerance_seconds} seconds; it was {old.tolerance_seconds}."
        yield Found(webhooks.TOLERANCE_CHANGED, at, change, side)
    if old.keep_seconds != new.keep_seconds:
        at, side = sides.word(old.header, new.header, "keep")
        shorter = new.keep_seconds < old.keep_seconds
        change = f"`keep` is {new.keep_seconds} seconds; it was {old.keep_seconds}."
        yield Found(webhooks.KEEP_SHORTENED if shorter else webhooks.KEEP_LENGTHENED, at, change, side)
