"""Texts in quotes, where YAML would read something else without them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from treaty.diagnostics import Edit, Fix, Location

_LINE = re.compile(r"(?P<before>[ ]*(?:- +)*(?:[A-Za-z0-9_.@-]+: +)?)(?P<text>[^\s'\"|>#].*?)(?:[ \t]+# .*)?[ \t\r]*")
_LONGEST_LINE = 1000
# A colon that begins a value, a character that begins no text, or a placeholder that text follows.
_NEEDS_QUOTES = re.compile(r".*:(?: .*)?|[@`%].*|\{[A-Za-z0-9_.:]+\} ?[^\s}].*")


def quoted(text: str) -> str:
    """A text in quotes, as YAML reads it back."""
    return "'" + text.replace("'", "''") + "'"


def in_quotes(at: Location, text: str) -> Fix:
    """The mend that puts a text in quotes."""
    return Fix(f"put `{text}` in quotes", (Edit(at, text, quoted(text)),))


def missing_quotes(path: str, lines: Sequence[str], near: int) -> Fix | None:
    """The mend of a line (or the one before it) that is no YAML because its text has no quotes."""
    for number in (near, near - 1):
        line = lines[number] if 0 <= number < len(lines) else ""
        found = _LINE.fullmatch(line) if len(line) <= _LONGEST_LINE else None
        if found and " #" not in found["text"] and _NEEDS_QUOTES.fullmatch(found["text"]):
            return in_quotes(Location(path, number + 1, len(found["before"]) + 1), found["text"])
    return None
