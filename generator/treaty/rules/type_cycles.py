"""A type must not need itself: no value of it could be finite."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.model import Field, Inline, TypeRef
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Follow required fields from type to type. Lists, maps and optional fields end the way: they may be empty."""
    reported: set[frozenset[str]] = set()
    for key, type_ in book.model.types.items():
        for field in type_.fields:
            way = _back(book, key, field, [key], set())
            if way and frozenset(way) not in reported:
                reported.add(frozenset(way))
                yield Finding(
                    field.at,
                    f"`{key}` needs itself: {' needs '.join([*way, key])}.",
                    "Make one of these fields `optional`, or a `list of` it.",
                )


def _back(book: Book, start: str, field: Field, way: list[str], seen: set[str]) -> list[str] | None:
    """The types on the way from a field back to `start`."""
    for key in _needed(field):
        if key == start:
            return way
        if key in seen or key not in book.model.types:
            continue
        seen.add(key)
        for inner in book.model.types[key].fields:
            if found := _back(book, start, inner, [*way, key], seen):
                return found
    return None


def _needed(field: Field) -> Iterator[str]:
    if field.optional or field.has_default:
        return
    if isinstance(field.type, TypeRef):
        yield field.type.key
    elif isinstance(field.type, Inline):
        for inner in field.type.fields:
            yield from _needed(inner)


RULE = Rule("type-cycles", "Every value must end somewhere.", check)
