"""Every entity has a table of its own."""

from __future__ import annotations

from collections.abc import Iterator

from treaty import names
from treaty.resolve.model import Entity
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the tables of all entities: only the last word of the namespace is part of their names."""
    taken: dict[str, str] = {}
    for key, entity in book.model.entities.items():
        for table in (entity.table, *_beside(entity)):
            first = taken.setdefault(table, key)
            if first != key:
                yield Finding(
                    book.parsed(key).at("key"),
                    f"`{first}` and `{key}` both become the table `{table}`.",
                    "Rename one of the two, or the last folder of one.",
                )


def _beside(entity: Entity) -> Iterator[str]:
    """The tables that a partitioned entity has beside its own."""
    if entity.partition:
        yield names.default_partition(entity.table)
        for fields in entity.unique:
            if entity.is_key(fields):
                yield names.key_table(entity.table, *(field.column for field in fields))


RULE = Rule("table-names", "Two entities must not share a table.", check)
