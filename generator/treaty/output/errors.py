"""What keeps the output folder from being brought up to date."""

from __future__ import annotations

from pathlib import Path


class OutputError(Exception):
    """The output folder can't be brought up to date; the message says what is in the way and what to do."""


def failure(error: OSError, folder: Path, deed: str) -> OutputError:
    """What the operating system refused, in words."""
    place = Path(error.filename or folder)
    hint = f"Everything below {folder} must be a file or folder that you may read and write."
    if not place.is_relative_to(folder):
        hint = "What treaty is about to put in place is kept there: it must be a folder that you may read and write."
    return OutputError(f"{place} can't be {deed}: {error.strerror}. {hint}")
