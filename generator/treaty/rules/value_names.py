"""Two values of an enumeration must not be the same or become one member."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diagnostics import Location
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the values of every enumeration, in `type` contracts and in fields."""
    for key, type_ in book.model.types.items():
        owner = book.parsed(key)
        taken: dict[str, str] = {}
        for position, value in enumerate(owner.contract.values or ()):
            at = (
                owner.key_at("values", value)
                if isinstance(owner.contract.values, dict)
                else owner.at("values", position)
            )
            member = next(item.python_name for item in type_.values if item.value == value)
            if member in taken:
                yield _finding(at, taken[member], value, member)
            taken.setdefault(member, value)
    for place in book.places:
        values = place.field.constraints.enum or ()
        for position, value in enumerate(values):
            if value in values[:position]:
                yield _finding(place.owner.at(*place.path, "enum", position), value, value, value)


def _finding(at: Location, first: str, second: str, member: str) -> Finding:
    if first == second:
        return Finding(at, f"The value `{first}` is listed twice.", "Delete one of the two.")
    return Finding(
        at, f"The values `{first}` and `{second}` both become the member `{member}`.", "Rename one of the two."
    )


RULE = Rule("value-names", "Values that differ on the wire must differ in Python.", check)
