"""What commands share: which project they speak of, and how problems are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treaty.diagnostics import Diagnostic
from treaty.project import Project, ProjectError

ProjectOption = Annotated[
    Path, typer.Option("--project", help="The project's folder, or one below it.", metavar="DIR", show_default="here")
]


def find_project(path: Path) -> Project:
    """The project at `path`; ends the program with a diagnostic when there is none."""
    try:
        return Project.find(path)
    except ProjectError as error:
        report([error.diagnostic])
        raise typer.Exit(1) from None


def report(problems: list[Diagnostic]) -> None:
    """Print diagnostics, each with its hint, and how many there are."""
    for problem in problems:
        typer.echo(f"{problem}\n    {problem.hint}")
    count = len(problems)
    typer.echo(f"{count} problem{'' if count == 1 else 's'}.")
