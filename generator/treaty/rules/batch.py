"""Requests that share a transaction change something, and belong to one tenant."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at every operation that says `batch: true`."""
    for key, operation in book.model.operations.items():
        at = book.parsed(key).key_at("batch")
        if operation.batch and operation.header.kind == "query":
            yield Finding(
                at,
                "A query writes nothing that requests could write together.",
                "Delete `batch`, or make it a command.",
            )
        elif operation.batch and operation.policy.auth == "anonymous":
            yield Finding(
                at,
                "Requests of one tenant share a transaction, and an anonymous caller has none.",
                "Delete `batch`, or ask for a caller with `auth: user`.",
            )


RULE = Rule("batch", "Only what is written for one tenant can be written together.", check)
