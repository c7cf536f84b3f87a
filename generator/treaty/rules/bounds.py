"""The limits of a field leave something between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from treaty.json_schema import DECIMAL_PATTERN, INTEGER_MAX, INTEGER_MIN
from treaty.resolve.fields import leaf
from treaty.resolve.model import Scalar
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, Place

_LOWER, _UPPER = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")
_ATTRIBUTES = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
}


def check(book: Book) -> Iterator[Finding]:
    """Look at lengths, sizes and numbers of every field."""
    for place in book.places:
        constraints = place.field.constraints
        yield from _order(place, "minLength", constraints.min_length, "maxLength", constraints.max_length)
        yield from _order(place, "minItems", constraints.min_items, "maxItems", constraints.max_items)
        inner = leaf(place.field.type)
        if isinstance(inner, Scalar) and inner.name in ("integer", "number", "decimal"):
            yield from _numbers(place, inner.name)


def _order(place: Place, low: str, least: int | None, high: str, most: int | None) -> Iterator[Finding]:
    if least is not None and most is not None and least > most:
        word = low if low in place.said else high
        yield Finding(
            place.at(word),
            f"`{low}` is {least} and `{high}` is {most}: nothing fits.",
            f"Make `{low}` smaller or `{high}` greater.",
        )


def _numbers(place: Place, kind: str) -> Iterator[Finding]:
    found: dict[str, Decimal] = {}
    for word, attribute in _ATTRIBUTES.items():
        bound = getattr(place.field.constraints, attribute)
        if bound is None:
            continue
        if problem := _problem(kind, bound):
            yield Finding(place.at(word), f"`{word}: {bound}` is no limit of {problem[0]}.", problem[1])
        else:
            found[word] = Decimal(str(bound))
    yield from _range(place, found)


def _problem(kind: str, bound: float | str) -> tuple[str, str] | None:
    if kind == "decimal":
        if re.fullmatch(DECIMAL_PATTERN.strip("^$"), str(bound)):
            return None
        return "a decimal", 'Write digits in quotes, such as "0.01".'
    if isinstance(bound, str):
        return "a number", "Write it without quotes."
    if kind == "integer" and (bound != int(bound) or not INTEGER_MIN <= bound <= INTEGER_MAX):
        return "a 64-bit integer", "Write a whole number."
    return None


def _range(place: Place, found: dict[str, Decimal]) -> Iterator[Finding]:
    for pair in (_LOWER, _UPPER):
        if all(word in found for word in pair):
            yield Finding(place.at(pair[1]), f"`{pair[0]}` and `{pair[1]}` limit the same end.", "Keep one of the two.")
            return
    lower = next(((word, found[word]) for word in _LOWER if word in found), None)
    upper = next(((word, found[word]) for word in _UPPER if word in found), None)
    if lower is None or upper is None:
        return
    open_end = "exclusive" in lower[0] or "exclusive" in upper[0]
    if lower[1] > upper[1] or (open_end and lower[1] == upper[1]):
        yield Finding(
            place.at(lower[0]),
            f"`{lower[0]}` is {lower[1]} and `{upper[0]}` is {upper[1]}: nothing fits.",
            f"Make `{lower[0]}` smaller or `{upper[0]}` greater.",
        )


RULE = Rule("bounds", "Limits that leave nothing make a field that nobody can fill.", check)
