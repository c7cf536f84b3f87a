"""Every entity has one primary key: a uuid that the service gives."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.model import Entity, Scalar
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look for the primary field of every entity."""
    for key, entity in book.model.entities.items():
        primary = [field for field in entity.fields if field.primary]
        if not primary:
            yield Finding(
                book.parsed(key).key_at("fields"),
                f"`{entity.header.name}` has no primary key.",
                "Add `id: {type: uuid, primary: true}`.",
            )
        for extra in primary[1:]:
            yield Finding(
                extra.at,
                f"`{entity.header.name}` has a second primary key, `{extra.name}`.",
                "Keep one; combinations that occur once stand under `unique`.",
            )
        yield from _first(book, entity) if primary else ()


def _first(book: Book, entity: Entity) -> Iterator[Finding]:
    field = entity.primary
    if field.at in book.unresolved:
        return
    if field.type != Scalar("uuid"):
        yield Finding(
            field.at,
            f"The primary key `{field.name}` is not a uuid.",
            f"Write `{field.name}: {{type: uuid, primary: true}}`.",
        )
    elif field.optional or field.has_default:
        yield Finding(
            field.at,
            f"The primary key `{field.name}` can't be absent or have a default.",
            f"Write `{field.name}: {{type: uuid, primary: true}}`.",
        )


RULE = Rule("entity-primary", "References, row-level security and events name rows by their id.", check)
