"""`treaty init`: a project from nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[
        Path, typer.Argument(help="An empty folder, or one that is not there yet.", metavar="DIR", show_default=False)
    ],
    package: Annotated[
        str | None,
        typer.Option(
            "--package", help="The name of its Python package and of its contracts.", show_default="the folder's"
        ),
    ] = None,
) -> None:
    """Make a project that generates, runs and verifies at once."""
    from treaty.beginning import BeginningError
    from treaty.beginning.project import FIRST_MIGRATION, begin_project

    try:
        begun = begin_project(folder, package)
    except BeginningError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{folder}: {begun.files} files. What is where, its README.md says. Next:")
    if folder.absolute() != Path.cwd():
        typer.echo(f"  cd {os.fspath(folder)}")
    if not begun.migrated:
        typer.echo(f"  treaty migrate {FIRST_MIGRATION}    # needs treaty-runtime")
    typer.echo("  make test")
