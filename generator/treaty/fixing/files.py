"""Which contracts are mended, and how they are written: all of them, or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from treaty.diagnostics import Diagnostic, Location
from treaty.fixing.plan import Mending
from treaty.formatting.files import replace_all
from treaty.project import Project
from treaty.source.folder import printable


class ChangedMeanwhileError(Exception):
    """Somebody else wrote a contract since it was read; its text is the path."""


def meant(paths: Sequence[Path], project: Project) -> tuple[Callable[[str], bool], list[Diagnostic]]:
    """Whether a path, as it is shown, is or stands below one of `paths` (everything is, when there is none).

    Beside it stands what is wrong with `paths`.
    """
    missing = [
        Diagnostic(Location(printable(str(path))), "file-unreadable", "There is no such file or folder.", "Check it.")
        for path in paths
        if not os.path.lexists(path)
    ]
    chosen = [Path(os.path.normpath(path.absolute())) for path in paths]

    def is_meant(shown: str) -> bool:
        file = project.root / shown
        return not chosen or any(file.is_relative_to(path) for path in chosen)

    return is_meant, missing


def write(mending: Mending, project: Project) -> None:
    """Write what was mended. Raises `ChangedMeanwhileError`, `OSError`; then nothing was written."""
    files = {path: project.root / path for path in mending.after}
    for path, file in files.items():
        if file.read_bytes() != mending.before[path]:
            raise ChangedMeanwhileError(path)
    replace_all({files[path]: content for path, content in mending.after.items()})
