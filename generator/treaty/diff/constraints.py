"""Bounds of values: which of two says more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from treaty.json_schema import INTEGER_MAX, INTEGER_MIN
from treaty.resolve.model import Constraints

LIST = "list"
_LONGEST = {"url": 2000, "email": 254}
Limit = tuple[Decimal, bool]  # and whether the value itself is outside


@dataclass(frozen=True, slots=True)
class BoundChange:
    """A bound that changed: the word that says it, both values, and in which ways the new one differs."""

    word: str
    old: Any
    new: Any
    tightened: bool
    loosened: bool


def changed_bounds(scalar: str, old: Constraints, new: Constraints) -> Iterator[BoundChange]:
    """How the bounds of a scalar, or those of lists, changed."""
    if scalar == LIST:
        yield from _least("minItems", old.min_items, new.min_items)
        yield from _most("maxItems", old.max_items, new.max_items)
        return
    yield from _limits(scalar, old, new)
    yield from _least("minLength", old.min_length, new.min_length)
    longest = _LONGEST.get(scalar)
    yield from _most("maxLength", old.max_length or longest, new.max_length or longest)
    if old.pattern != new.pattern:
        yield BoundChange("pattern", old.pattern, new.pattern, new.pattern is not None, old.pattern is not None)
    if old.multiple_of != new.multiple_of:
        before, after = old.multiple_of or 1, new.multiple_of or 1
        if before != after:
            tightened, loosened = before % after != 0, after % before != 0
            yield BoundChange("multipleOf", old.multiple_of, new.multiple_of, tightened, loosened)


def _least(word: str, old: int | None, new: int | None) -> Iterator[BoundChange]:
    before, after = old or 0, new or 0
    if before != after:
        yield BoundChange(word, old, new, after > before, after < before)


def _most(word: str, old: int | None, new: int | None) -> Iterator[BoundChange]:
    if old != new:
        tightened = old is None or (new is not None and new < old)
        yield BoundChange(word, old, new, tightened, not tightened)


def _limits(scalar: str, old: Constraints, new: Constraints) -> Iterator[BoundChange]:
    for words, sign in ((("minimum", "exclusiveMinimum"), 1), (("maximum", "exclusiveMaximum"), -1)):
        before, after = _limit(scalar, old, sign), _limit(scalar, new, sign)
        if before == after:
            continue
        said_before, said_after = _said(old, sign), _said(new, sign)
        word = words[1] if (said_after or said_before or (0, False))[1] else words[0]
        tightened = before is None or (after is not None and _is_beyond(after, before, sign))
        yield BoundChange(word, _value(said_before), _value(said_after), tightened, not tightened)


def _said(constraints: Constraints, sign: int) -> tuple[Any, bool] | None:
    """The bound as written, and whether it excludes its value; the tighter one when both are said."""
    inclusive = constraints.minimum if sign > 0 else constraints.maximum
    exclusive = constraints.exclusive_minimum if sign > 0 else constraints.exclusive_maximum
    said = [(value, out) for value, out in ((inclusive, False), (exclusive, True)) if value is not None]
    return max(said, key=lambda item: (Decimal(str(item[0])) * sign, item[1]), default=None)


def _limit(scalar: str, constraints: Constraints, sign: int) -> Limit | None:
    said = _said(constraints, sign)
    found = (Decimal(str(said[0])), said[1]) if said else None
    if scalar != "integer":
        return found
    lowest = Decimal(INTEGER_MIN if sign > 0 else INTEGER_MAX)
    if found is None:
        return lowest, False
    whole = found[0] + sign if found[1] else found[0]
    return (max(whole, lowest) if sign > 0 else min(whole, lowest)), False


def _is_beyond(limit: Limit, other: Limit, sign: int) -> bool:
    return (limit[0] * sign, limit[1]) > (other[0] * sign, other[1])


def _value(said: tuple[Any, bool] | None) -> Any:
    return said[0] if said else None
