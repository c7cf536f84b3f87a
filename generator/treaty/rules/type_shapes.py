"""A type is a shape or an enumeration, and is not called like a built-in one."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.fields import SCALARS
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

_WORDS = ("object", "optional", "list", "map", "of")


def check(book: Book) -> Iterator[Finding]:
    """Look for types that are both, or neither, or that no field could name."""
    for key, type_ in book.model.types.items():
        owner = book.parsed(key)
        name = type_.header.name
        if name in SCALARS or name in _WORDS:
            yield Finding(
                owner.at("key"), f"`{name}` means something else already where a type is named.", "Rename the file."
            )
        said = [word for word in ("fields", "values") if getattr(owner.contract, word) is not None]
        if not said:
            yield Finding(owner.at(), "This type has neither `fields` nor `values`.", "Add one of the two.")
        elif len(said) == 2:
            yield Finding(owner.key_at("values"), "This type has `fields` and `values`.", "Make two types of it.")


RULE = Rule("type-shape", "A value is an object or one of a list, never both.", check)
