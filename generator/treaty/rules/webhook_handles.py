"""A webhook enqueues each job once after an event, with all that it needs, and loses none."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.contract.parse import Parsed
from treaty.contract.webhook import WebhookContract
from treaty.json_schema import is_required
from treaty.resolve.model import Field, Handling, Job, Scalar, Webhook
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

# What is known of every event: where, and what stands there.
_KNOWN = {
    "$.id": (Scalar("string"), "a text"),
    "$.type": (Scalar("string"), "a text"),
    "$.livemode": (Scalar("boolean"), "true or false"),
}


def check(book: Book) -> Iterator[Finding]:
    """Look at every entry of `handles`."""
    for key, webhook in book.model.webhooks.items():
        owner = book.parsed(key)
        for handling in webhook.handles:
            job = book.model.jobs[handling.job]
            yield from _job(owner, handling, job)
            if job.on is None:
                yield from _input(book, owner, handling, job)
        yield from _twice(owner, webhook)


def _job(owner: Parsed[WebhookContract], handling: Handling, job: Job) -> Iterator[Finding]:
    at = owner.at("handles", handling.position, "job")
    if job.on is not None:
        yield Finding(
            at, f"`{job.header.key}` follows an event of this service.", "Name a job that takes an input of its own."
        )
    elif job.once is not None:
        yield Finding(
            at,
            f"`{job.header.key}` says `once`: an event that comes while it runs would be lost.",
            "Take `once` away from the job, and have it lock the rows that it changes.",
        )


def _input(book: Book, owner: Parsed[WebhookContract], handling: Handling, job: Job) -> Iterator[Finding]:
    tenant = book.model.tenant_field(job)
    for given in handling.given:
        if given.field is tenant:
            yield Finding(
                given.at,
                f"`{given.field.name}` is the tenant that the event is about.",
                "Delete it here: the job gets it by itself.",
            )
        elif given.path in _KNOWN and given.field.at not in book.unresolved and not _fits(given.field, given.path):
            what = _KNOWN[given.path][1]
            yield Finding(
                given.at,
                f"At `{given.path}` stands {what}, and `{given.field.name}` is something else.",
                "Name another place, or change the field's type.",
            )
    said = {given.field.name for given in handling.given}
    for field in job.input:
        if is_required(field) and field is not tenant and field.name not in said and not _is_misspelt(owner, handling):
            yield Finding(
                owner.at("handles", handling.position, "job"),
                f"`{job.header.key}` can't run without `{field.name}`.",
                f"Write `input: {{{field.name}: $.…}}` with the place where the event says it.",
            )


def _fits(field: Field, path: str) -> bool:
    return field.type in (Scalar("json"), _KNOWN[path][0])


def _is_misspelt(owner: Parsed[WebhookContract], handling: Handling) -> bool:
    """Whether something is given that the job does not have, of which has been complained."""
    return len(owner.contract.handles[handling.position].input) > len(handling.given)


def _twice(owner: Parsed[WebhookContract], webhook: Webhook) -> Iterator[Finding]:
    taken: set[tuple[str, str]] = set()
    for handling in webhook.handles:
        for place, event in enumerate(handling.events):
            if (event, handling.job) in taken:
                yield Finding(
                    owner.at("handles", handling.position, "events", place),
                    f"`{handling.job}` is done after `{event}` already.",
                    "Name the event once for each job.",
                )
            taken.add((event, handling.job))


RULE = Rule("webhook-handles", "What is enqueued by others than people must be complete, and never be lost.", check)
