"""An operation or a job names each of its events once."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look for events that are named twice."""
    for contract in book.model.implemented.values():
        seen: set[str] = set()
        for emit in contract.emits:
            if emit.event in seen:
                yield Finding(emit.at, f"`{emit.event}` is named twice.", "Delete one of the two.")
            seen.add(emit.event)


RULE = Rule("emits-once", "A list that says something twice may mean something else.", check, advice=True)
