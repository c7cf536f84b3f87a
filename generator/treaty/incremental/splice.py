"""Entries of a large JSON document replaced by those of a small one, without reading either as a whole.

Both are laid out as `treaty.emit.text.json_file` does it: one entry a line, two spaces for each level. So an entry
begins where a line begins with the spaces of its level and a quote, and ends before the next of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

Place = tuple[str | None, ...]
Span = tuple[int, int]


def spliced(document: bytes, part: bytes, places: Iterable[Place]) -> bytes | None:
    """`document` with all that `part` has at these places (`None` stands for every name).

    `None` when `part` has something that `document` has not.
    """
    try:
        changes = sorted(
            change
            for place in places
            for change in _changes(document, (0, len(document)), part, (0, len(part)), place, 1)
        )
    except LookupError:
        return None
    pieces, done = [], 0
    for start, end, text in changes:
        pieces += [document[done:start], text]
        done = end
    return b"".join([*pieces, document[done:]])


def _changes(
    document: bytes, inside: Span, part: bytes, inside_part: Span, place: Place, level: int
) -> Iterator[tuple[int, int, bytes]]:
    name, *rest = place
    wanted = None if name is None else json.dumps(name).encode()
    near = inside[0]
    for key, span in _entries(part, inside_part, level):
        if wanted is None or key == wanted:
            there = _entry(document, inside, level, key, near)
            near = there[0]
            if rest:
                yield from _changes(document, there, part, span, tuple(rest), level + 1)
            else:
                yield *there, part[slice(*span)]


def _entries(text: bytes, inside: Span, level: int) -> Iterator[tuple[bytes, Span]]:
    """The entries of an object at a level: each key, in its quotes, and where the entry stands."""
    for found in re.compile(rb'\n {%d}("(?:[^"\\]|\\.)*"): ' % (2 * level)).finditer(text, *inside):
        yield found[1], _span(text, found.start() + 1, inside, level)


def _entry(text: bytes, inside: Span, level: int, key: bytes, near: int) -> Span:
    """Where an entry stands, mostly behind `near`: both documents have one order. Raises `LookupError` for none."""
    line = b"\n" + b"  " * level + key + b": "
    start = text.find(line, near, inside[1])
    if start < 0:
        start = text.find(line, *inside)
    if start < 0:
        raise LookupError(key)
    return _span(text, start + 1, inside, level)


def _span(text: bytes, start: int, inside: Span, level: int) -> Span:
    """From the beginning of an entry to its end, without the comma behind it."""
    end = text.find(b"\n" + b"  " * level + b'"', start, inside[1])
    if end < 0:
        end = text.rindex(b"\n", start, inside[1] - 1 if text[inside[1] - 1 : inside[1]] == b"\n" else inside[1])
    return start, end - 1 if text[end - 1 : end] == b"," else end
