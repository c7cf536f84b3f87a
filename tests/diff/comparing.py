"""Compares two small projects as `treaty diff` does."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from treaty.diff.run import Result, diff

HERE = Path(__file__).parent
TODAY = date(2026, 11, 20)


def laid_out(fixture: Path, target: Path) -> tuple[Path, Path]:
    """Both sides of a fixture as whole projects: what all of them share, and over it what the side says."""
    for side in ("old", "new"):
        shutil.copytree(HERE / "base", target / side)
        shutil.copytree(fixture / side, target / side, dirs_exist_ok=True)
    return target / "old", target / "new"


def compared(old: Path, new: Path, today: date = TODAY) -> Result:
    """The changes between two folders."""
    return diff(str(old), str(new), new, today)
