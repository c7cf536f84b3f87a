"""Which type holds every value of another: such a column changes by itself, all others by hand."""

from __future__ import annotations

import re

__all__ = ["keeps_every_value"]

DIGITS_OF_BIGINT = 19
DIGITS_OF_NUMERIC = 131_072  # before and after the point: all that PostgreSQL has


def keeps_every_value(old: str, new: str) -> bool:
    """Whether every value of the type `old` is the same value in the type `new`."""
    if old == new:
        return True
    old_room, new_room = _room(old), _room(new)
    if old_room is None or new_room is None or old_room[0] != new_room[0]:
        return False
    return all(before <= after for before, after in zip(old_room[1:], new_room[1:], strict=True))


def _room(type_: str) -> tuple[str, int, int] | None:
    """The family of a type, and how much it holds: characters, or digits before and after the point."""
    if type_ == "bigint":
        return "number", DIGITS_OF_BIGINT, 0
    if type_ == "numeric":
        return "number", DIGITS_OF_NUMERIC, DIGITS_OF_NUMERIC
    found = re.fullmatch(r"varchar\((\d+)\)|numeric\((\d+),(\d+)\)", type_)
    if found is None:
        return None
    if found[1]:
        return "text", int(found[1]), 0
    return "number", int(found[2]) - int(found[3]), int(found[3])
