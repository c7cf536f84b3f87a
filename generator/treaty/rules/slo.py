"""A service level promises something, and somebody answers for it."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at the service levels of all operations."""
    for operation in book.model.operations.values():
        level, owner = operation.service_level, book.parsed(operation.header.key)
        if level is None:
            continue
        if level.availability is None and level.latency_share is None:
            yield Finding(
                owner.key_at("slo"),
                "This service level promises nothing.",
                "Add `availability: 99.9%`, or `latency: {of: 99%, under: 200ms}`, or both.",
            )
        if not operation.header.owners:
            yield Finding(
                owner.key_at("slo"),
                "Nobody answers for this service level.",
                'Add `owners:`, such as `owners: ["@shop.team"]`, here or in a `_defaults.yaml`: alerts name them.',
            )


RULE = Rule("slo", "An alert that nobody owns, or that nothing can set off, helps nobody.", check)
