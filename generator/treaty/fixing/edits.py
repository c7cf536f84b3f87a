"""Edits put into the text of a contract; everything around them stays."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from treaty.diagnostics import Edit, Fix

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # where libyaml, whose places these are, begins a line
_BOM = b"\xef\xbb\xbf"
_AROUND_SCALARS = " \t\r\n,]}:"


class Change(NamedTuple):
    """The characters from `start` to `end` give way to `new`."""

    start: int
    end: int
    new: str

    def meets(self, other: Change) -> bool:
        """Whether two changes are about the same characters, or the same place between two."""
        return (self.start < other.end and other.start < self.end) or self.start == other.start


class Region(NamedTuple):
    """A change by lines and columns, in characters and from 1; the end is the place after it."""

    line: int
    column: int
    end_line: int
    end_column: int
    new: str


class Text:
    """The text of one contract. Raises `UnicodeDecodeError`."""

    def __init__(self, content: bytes) -> None:
        self._bom = content.startswith(_BOM)
        self._text = content.decode("utf-8-sig")
        self._starts = [0, *(found.end() for found in _BREAK.finditer(self._text))]
        self._windows = "\r\n" in self._text

    def changes(self, fix: Fix) -> list[Change] | None:
        """What a mend does to this text; `None` when something else stands there than it was made for."""
        found = [self._change(edit) for edit in fix.edits]
        return [change for change in found if change] if all(found) else None

    def regions(self, fix: Fix) -> list[Region]:
        """What a mend does to this text, for programs that make the change themselves; nothing when it does not fit."""
        changes = self.changes(fix) or []
        return [Region(*self._place(change.start), *self._place(change.end), change.new) for change in changes]

    def _place(self, index: int) -> tuple[int, int]:
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def changed(self, changes: Iterable[Change]) -> bytes:
        """The content with changes that do not meet."""
        text = self._text
        for start, end, new in sorted(set(changes), reverse=True):
            text = f"{text[:start]}{new}{text[end:]}"
        return (_BOM if self._bom else b"") + text.encode()

    def _change(self, edit: Edit) -> Change | None:
        if edit.at.line > len(self._starts):
            return None
        start = self._starts[edit.at.line - 1] + edit.at.column - 1
        old, new = self._breaks(edit.old), self._breaks(edit.new)
        if self._text.startswith(old, start) and self._ends(start + len(old), old):
            return Change(start, start + len(old), new)
        return self._in_quotes(start, old, new, unquote=edit.unquote)

    def _breaks(self, text: str) -> str:
        return text.replace("\n", "\r\n") if self._windows else text

    def _ends(self, end: int, old: str) -> bool:
        """Whether a text that stands there is all of a scalar, and not its beginning."""
        return not old or old[-1].isspace() or end >= len(self._text) or self._text[end] in _AROUND_SCALARS

    def _in_quotes(self, start: int, old: str, new: str, *, unquote: bool) -> Change | None:
        quote = self._text[start : start + 1]
        if quote not in ("'", '"') or not self._text.startswith(f"{old}{quote}", start + 1):
            return None
        if unquote:
            return Change(start, start + len(old) + 2, new)
        return None if quote in new or "\\" in new else Change(start + 1, start + 1 + len(old), new)
