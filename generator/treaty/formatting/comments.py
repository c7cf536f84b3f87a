"""Which comment goes with which entry."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from treaty.formatting.tree import CannotFormatError, Entry, Tree

_COMMENT = re.compile(r"(?:^|(?<=[ \t\n]))#[^\n]*")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment and its place, counted from 0. `alone`: nothing else stands in its line."""

    index: int
    line: int
    column: int
    text: str
    alone: bool


def comments(text: str, spans: list[tuple[int, int]]) -> list[Comment]:
    """All comments of a text; `spans` are its scalars, in order, in which `#` is a character like any other."""
    found, starts = [], [start for start, _ in spans]
    at = 0
    while match := _COMMENT.search(text, at):
        place = bisect_right(starts, match.start()) - 1
        if place >= 0 and match.start() < spans[place][1]:
            at = max(spans[place][1], match.start() + 1)
            continue
        begin = text.rfind("\n", 0, match.start()) + 1
        before = text[begin : match.start()]
        line = text.count("\n", 0, match.start())
        found.append(Comment(match.start(), line, len(before), match[0].rstrip(), not before.strip()))
        at = match.end()
    return found


def attach(text: str, tree: Tree) -> list[str | None]:
    """Give every comment and blank line between entries to an entry; what stands below all of them comes back."""
    rest = [comment for comment in comments(text, sorted(tree.spans)) if not _in_brackets(comment, tree)]
    alone = {comment.line: comment for comment in rest if comment.alone}
    _beside([comment for comment in rest if not comment.alone], tree)
    lines = text.split("\n")
    previous: Entry | None = None
    given = 0
    for entry in tree.entries:
        gap = _gap(lines, alone, previous.end_line + 1 if previous else 0, entry.line)
        given += sum(comment is not None for comment in gap)
        if previous is not None and entry.above is not previous:
            gap = _after(previous, gap, entry.column)
        entry.leading = _texts(gap)
        previous = entry
    gap = _gap(lines, alone, previous.end_line + 1 if previous else 0, len(lines))
    given += sum(comment is not None for comment in gap)
    if given != len(alone):
        raise CannotFormatError("a comment between a word and its value")
    if previous is not None:
        gap = _after(previous, gap, 0)
    return _texts(gap)


def _texts(gap: list[Comment | None]) -> list[str | None]:
    return [comment.text if comment else None for comment in gap]


def _in_brackets(comment: Comment, tree: Tree) -> bool:
    inside = False
    for start, end, flow in tree.flows:
        if start < comment.index < end:
            flow.commented = inside = True
    return inside


def _beside(found: list[Comment], tree: Tree) -> None:
    starts = [entry.line for entry in tree.entries]
    for comment in found:
        place = bisect_right(starts, comment.line) - 1
        entry = tree.entries[place] if place >= 0 else None
        if entry is None or entry.beside or comment.line > entry.end_line:
            raise CannotFormatError("a comment beside nothing")
        entry.beside = comment.text


def _gap(lines: list[str], alone: dict[int, Comment], start: int, end: int) -> list[Comment | None]:
    """The comments between two lines, and one `None` for blank lines."""
    found: list[Comment | None] = []
    for number in range(start, end):
        if number in alone:
            found.append(alone[number])
        elif not lines[number].strip() and (not found or found[-1] is not None):
            found.append(None)
    return found


def _after(entry: Entry, gap: list[Comment | None], column: int) -> list[Comment | None]:
    """Leave with `entry` what is indented deeper than the next one; the rest comes back."""
    deeper = 0
    for number, comment in enumerate(gap, 1):
        if comment is not None:
            if comment.column <= column:
                break
            deeper = number
    entry.after = [(comment.column, comment.text) if comment else None for comment in gap[:deeper]]
    return gap[deeper:]
