"""What becomes of a file, as a unified diff."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff


def difference(before: bytes, after: bytes, old: str, new: str) -> Iterator[str]:
    """The lines of a diff between two contents, under two names."""
    yield from unified_diff(_lines(before), _lines(after), old, new, lineterm="")


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines()
