"""Where the mends of diagnostics would change files."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from treaty.diagnostics import Diagnostic
from treaty.fixing.edits import Region, Text


class Regions:
    """The mends of diagnostics about files below a root, as they fit what the files hold."""

    def __init__(self, root: Path) -> None:
        self._text = cache(lambda path: _text(root / path))

    def of(self, problem: Diagnostic) -> list[Region]:
        """What the mend of a problem changes; nothing when it has none that fits."""
        text = self._text(problem.at.path) if problem.fix else None
        return text.regions(problem.fix) if text and problem.fix else []


def _text(file: Path) -> Text | None:
    try:
        return Text(file.read_bytes())
    except (OSError, ValueError):
        return None
