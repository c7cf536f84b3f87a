"""A default is a value that the field allows."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.model import EntityRef, Scalar
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, Place
from treaty.rules.fit import value_misfits

NOW = "now"


def check(book: Book) -> Iterator[Finding]:
    """Validate the default of every field against the field's own schema."""
    for place in book.places:
        if place.field.default is not None and not place.field.primary:  # a default without a value is told elsewhere
            yield from _default(book, place)


def _default(book: Book, place: Place) -> Iterator[Finding]:
    field = place.field
    at = place.owner.at(*place.path, "default")
    if isinstance(field.type, EntityRef):
        yield Finding(at, "A reference can't have a default: no row has a known id.", "Delete the default.")
    elif field.type == Scalar("datetime") and field.default == NOW:
        if not place.in_entity:
            yield Finding(
                at,
                "`now` is the time at which a row is written, and this is no field of an entity.",
                "Make the field `optional`, and let the implementation decide.",
            )
    else:
        for misfit in value_misfits(book.model, field, field.default):
            there, fix = misfit.place(place.owner, (*place.path, "default"))
            yield Finding(there, f"The default of `{field.name}` does not fit: {misfit.message}", misfit.hint, fix)


RULE = Rule("defaults", "A default is given without being checked when the service runs.", check)
