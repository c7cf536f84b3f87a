"""Which lines of a JSON file, as treaty lays it out, hold which value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MEMBER = re.compile(r'("(?:[^"\\]|\\.)*"): (.*)')
Pointer = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One value: the way to it, its lines, and itself unless it is an object or a list."""

    pointer: Pointer
    first: int
    last: int
    plain: Any = None


@dataclass(slots=True)
class _Open:
    pointer: Pointer
    first: int
    items: int = 0


def json_values(text: str) -> Iterator[Value]:
    """All values, inner ones before those around them."""
    stack: list[_Open] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip().removesuffix(",")
        if said in ("}", "]"):
            closed = stack.pop()
            yield Value(closed.pointer, closed.first, number)
            continue
        pointer, said = _place(stack, said)
        if said in ("{", "["):
            stack.append(_Open(pointer, number))
        else:
            yield Value(pointer, number, number, json.loads(said))


def _place(stack: list[_Open], said: str) -> tuple[Pointer, str]:
    """The pointer of what a line begins, and its text."""
    if not stack:
        return (), said
    around = stack[-1]
    if member := _MEMBER.fullmatch(said):
        return (*around.pointer, json.loads(member[1])), member[2]
    around.items += 1
    return (*around.pointer, around.items - 1), said
