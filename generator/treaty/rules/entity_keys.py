"""What is unique or searched for fits into an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from treaty.resolve.model import Entity, EntityRef, Field, Scalar, TypeRef
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

# PostgreSQL's index rows hold 2,704 bytes; a character of UTF-8 takes up to four.
MAX_CHARACTERS = 600
_LONGEST = {"url": 2000, "email": 254, "decimal": 40}


def check(book: Book) -> Iterator[Finding]:
    """Look at `unique` and `index` of every entity."""
    for entity in book.model.entities.values():
        for word in ("unique", "index"):
            yield from _groups(book, entity, word)


def _groups(book: Book, entity: Entity, word: Literal["unique", "index"]) -> Iterator[Finding]:
    owner = book.parsed(entity.header.key)
    fields = {field.name: field for field in entity.fields}
    written: tuple[tuple[str, ...], ...] = getattr(owner.contract, word)
    for position, group in enumerate(written):
        at = owner.at(word, position)
        known = [fields[name] for name in group if name in fields and fields[name].at not in book.unresolved]
        opaque = [field for field in known if not _is_comparable(book, field)]
        if not group:
            yield Finding(at, "This combination names no field.", "Name at least one.")
        elif len(set(group)) < len(group):
            yield Finding(at, "This combination names a field twice.", "Name it once.")
        elif group in written[:position]:
            yield Finding(at, "This combination is listed twice.", "Delete one of the two.")
        elif opaque:
            yield Finding(
                at,
                f"`{opaque[0].name}` holds more than one value, so it can't be compared.",
                "Name fields that hold one value each.",
            )
        elif sum(_length(field) for field in known) > MAX_CHARACTERS:
            yield Finding(
                at,
                f"These texts may be longer than {MAX_CHARACTERS} characters together: no index holds them.",
                "Give them a smaller `maxLength`.",
            )


def _is_comparable(book: Book, field: Field) -> bool:
    if isinstance(field.type, TypeRef):
        return field.type.key not in book.model.types or bool(book.model.types[field.type.key].values)
    return isinstance(field.type, EntityRef) or (isinstance(field.type, Scalar) and field.type.name != "json")


def _length(field: Field) -> int:
    if not isinstance(field.type, Scalar):
        return 0
    if field.constraints.enum:
        return max(len(value) for value in field.constraints.enum)
    return field.constraints.max_length or _LONGEST.get(field.type.name, 0)


RULE = Rule("entity-keys", "A row that no index can hold would be refused when it is written.", check)
