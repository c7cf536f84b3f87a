"""Every event has a type of its own."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the CloudEvents types of all events."""
    taken: dict[str, str] = {}
    for key, event in book.model.events.items():
        owner = book.parsed(key)
        first = taken.setdefault(event.type, key)
        if first != key:
            yield Finding(
                owner.at("type" if owner.contract.type else "key"),
                f"`{first}` and `{key}` both have the type `{event.type}`.",
                "Give one of the two another `type`.",
            )


RULE = Rule("event-types", "Whoever listens tells events apart by their types.", check)
