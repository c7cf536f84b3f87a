"""One line of a file as a reader sees it, with a caret below the place that is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.cells import cell_len

from treaty.diagnostics import Location
from treaty.source.folder import NO_DRAFTS

TAB = "    "
MAX_BYTES = 1_000_000
_YAML_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BREAK = re.compile("\r\n|[\n\r]")


class Files:
    """The files below a project's root, each read once; `drafts` are what some of them would hold."""

    def __init__(self, root: Path, drafts: Mapping[str, bytes] = NO_DRAFTS) -> None:
        self._root = root
        self._drafts = drafts
        self._lines: dict[str, list[str]] = {}

    def line(self, at: Location) -> str | None:
        """The line at a place; `None` when there is none (any more)."""
        if at.path not in self._lines:
            self._lines[at.path] = self._read(at.path)
        lines = self._lines[at.path]
        return lines[at.line - 1] if 0 < at.line <= len(lines) else None

    def _read(self, path: str) -> list[str]:
        content = self._drafts[path] if path in self._drafts else self._content(path)
        text = content.decode("utf-8-sig", "replace")
        return (_YAML_BREAK if path.endswith(".yaml") else _BREAK).split(text) if text else []

    def _content(self, path: str) -> bytes:
        try:
            file = self._root / path
            if not file.is_file():
                return b""
            with file.open("rb") as content:
                return content.read(MAX_BYTES)
        except OSError:
            return b""


def printable(text: str) -> str:
    """A text that does nothing to a terminal: what can't be seen is written as an escape."""
    return text if text.isprintable() else "".join(_shown(character) for character in text)


def pointed(line: str, column: int, width: int) -> tuple[str, str]:
    """A line cut to `width` cells around a column, and the spaces and the caret that stand below it."""
    at = min(column - 1, len(line))
    before, after = _fitting(reversed(line[:at]), width), _fitting(line[at:], width)
    if len(before) + len(after) < len(line) or cell_len("".join(before + after)) > width:
        before = _fitting(reversed(line[:at]), width - min(cell_len("".join(after)), width // 3) - 2)
        after = _fitting(line[at:], width - cell_len("".join(before)) - 2)
    start = ("…" if len(before) < at else "") + "".join(reversed(before))
    end = "".join(after) + ("…" if len(after) < len(line) - at else "")
    return start + end, " " * cell_len(start) + "^"


def _fitting(characters: Iterable[str], room: int) -> list[str]:
    """The first characters, as they are shown, that need no more than `room` cells."""
    fitting: list[str] = []
    for character in characters:
        shown = _shown(character)
        room -= cell_len(shown)
        if room < 0:
            break
        fitting.append(shown)
    return fitting


def _shown(character: str) -> str:
    if character == "\t":
        return TAB
    return character if character.isprintable() else character.encode("unicode_escape").decode()
