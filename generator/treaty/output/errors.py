"""What keeps the output folder from being brought up to date."""

from __future__ import annotations

from pathlib import Path


class OutputError(Exception):
    """The output folder can't be brought up to date; the message says what is in the way and what to do."""


def failure(error: OSError, folder: Path, deed: str) -> OutputError:
    """What the operating system refused, in words."""
    place = error.filename or folder
    return OutputError(
        f"{place} can't be {deed}: {error.strerror}. Everything below {folder} must be a file or folder that you may "
        "read and write."
    )
