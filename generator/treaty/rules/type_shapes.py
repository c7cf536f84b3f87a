"""A type is a shape or an enumeration."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look for types that are both, or neither."""
    for key in book.model.types:
        owner = book.parsed(key)
        said = [word for word in ("fields", "values") if getattr(owner.contract, word) is not None]
        if not said:
            yield Finding(owner.at(), "This type has neither `fields` nor `values`.", "Add one of the two.")
        elif len(said) == 2:
            yield Finding(owner.key_at("values"), "This type has `fields` and `values`.", "Make two types of it.")


RULE = Rule("type-shape", "A value is an object or one of a list, never both.", check)
