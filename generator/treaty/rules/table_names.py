"""Every entity has a table of its own."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the tables of all entities: only the last word of the namespace is part of their names."""
    taken: dict[str, str] = {}
    for key, entity in book.model.entities.items():
        first = taken.setdefault(entity.table, key)
        if first != key:
            yield Finding(
                book.parsed(key).at("key"),
                f"`{first}` and `{key}` both become the table `{entity.table}`.",
                "Rename one of the two, or the last folder of one.",
            )


RULE = Rule("table-names", "Two entities must not share a table.", check)
