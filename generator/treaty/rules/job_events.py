"""A job that follows an event takes what the event tells, and works for the tenant that the event is about."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.model import Job, Operation
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at every job that says `on`, and at whatever emits its event."""
    for key, job in book.model.jobs.items():
        if job.on is None:
            continue
        owner = book.parsed(key)
        for word in ("input", "schedule"):
            if (word,) in owner.document.keys:
                yield Finding(
                    owner.key_at(word),
                    f"What follows an event has no `{word}` of its own.",
                    f"Delete `{word}`: its input is the event's payload, and it is done after each of them.",
                )
        if job.each_tenant:
            yield from _without_tenant(book, job)


def _without_tenant(book: Book, job: Job) -> Iterator[Finding]:
    for contract in book.model.implemented.values():
        if not _has_tenant(contract) and any(emit.event == job.on for emit in contract.emits):
            yield Finding(
                book.parsed(job.header.key).at("tenant"),
                f"`{contract.header.key}` emits `{job.on}` for no tenant.",
                "Write `tenant: none`, or have the event emitted for a tenant only.",
            )


def _has_tenant(contract: Operation | Job) -> bool:
    return contract.each_tenant if isinstance(contract, Job) else contract.policy.auth != "anonymous"


RULE = Rule("job-event", "What follows something must know what it was, and whose.", check)
