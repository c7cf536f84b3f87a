"""Comments that speak to the generator: `# treaty: …`."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

BEGINNING = "# treaty:"
_REMARK = re.compile(r"(?<![^ \t\r\n])# treaty:[ \t]*([^\r\n]*)")
_COMMENT_LINE = re.compile(r"[ \t]*(#|$)")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


class Remark(NamedTuple):
    """One such comment: its place, what it says, and the line that it is about.

    That is its own, or the next one that says something. `written` is the whole comment, `blanks` what is before it.
    """

    line: int
    column: int
    text: str
    about: int
    written: str
    blanks: str


def remarks(text: str) -> tuple[Remark, ...]:
    """The remarks in a text that is YAML."""
    if BEGINNING not in text:
        return ()
    lines = _BREAK.split(text)
    scalars = _scalars(text)
    return tuple(
        _remark(text, lines, found)
        for found in _REMARK.finditer(text)
        if not any(start <= found.start() < end for start, end in scalars)
    )


def _remark(text: str, lines: list[str], found: re.Match[str]) -> Remark:
    line = len(_BREAK.findall(text, 0, found.start())) + 1
    before = _BREAK.split(text[: found.start()])[-1]
    column, blanks = len(before) + 1, before[len(before.rstrip(" \t")) :]
    about = line
    if blanks == before:
        about = next((n for n in range(line + 1, len(lines) + 1) if not _COMMENT_LINE.match(lines[n - 1])), line)
    return Remark(line, column, found[1].strip(), about, found[0], blanks)


def _scalars(text: str) -> list[tuple[int, int]]:
    """Where texts begin and end: what stands inside one is no comment."""
    events: Any = yaml.parse(text, Loader=yaml.CSafeLoader)
    scalars: list[Any] = [event for event in events if isinstance(event, yaml.ScalarEvent)]
    return [(scalar.start_mark.index, scalar.end_mark.index) for scalar in scalars]
