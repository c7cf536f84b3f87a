"""A stored field that was renamed says what it was, and nothing else claims that name."""

from __future__ import annotations

from collections.abc import Iterator

from treaty import names
from treaty.resolve.model import EntityRef
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at `renamedFrom` of every entity's fields."""
    for key, entity in book.model.entities.items():
        owner = book.parsed(key)
        columns = {field.column for field in entity.fields}
        taken: dict[str, str] = {}
        for field in entity.fields:
            if field.renamed_from is None:
                continue
            at = owner.at("fields", field.name, "renamedFrom")
            old = names.column(field.renamed_from, reference=isinstance(field.type, EntityRef))
            first = taken.setdefault(old, field.name)
            if old in columns:
                yield Finding(
                    at,
                    f"`{field.renamed_from}` is still a field of `{entity.header.name}`.",
                    "Name the field that is gone.",
                )
            elif first != field.name:
                yield Finding(at, f"`{first}` was called `{field.renamed_from}` already.", "Keep one of the two.")


RULE = Rule("renamed-from", "The data of one column can't move to two.", check)
