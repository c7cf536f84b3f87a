"""`treaty verify`: show that every promise of the contracts is kept."""

from __future__ import annotations

import json
from typing import Annotated

import typer

__all__ = ["verify"]

WIDTH_OF_FILES = 160


def operation_keys(incomplete: str) -> list[str]:
    """What the shell offers after a Tab: the operations of the generated document that begin so."""
    from treaty_runtime.project import Project, ProjectError

    try:
        document = json.loads((Project.find().output / "openapi.json").read_bytes())
        found = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    except (ProjectError, OSError, ValueError, LookupError):
        return []
    return sorted(key for key in found if key.startswith(incomplete))


def verify(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Feature files, folders of them, or some.feature:LINE. All when left out.", show_default=False
        ),
    ] = None,
    operation: Annotated[
        list[str] | None,
        typer.Option(
            help="Only what is about this operation, by its key. May be repeated.",
            metavar="KEY",
            autocompletion=operation_keys,
        ),
    ] = None,
) -> None:
    """Play every scenario, example and feature file against the real service, on a database of its own."""
    # Here and not above: behave and the service take a second to import, which no other command should wait for.
    from rich.console import Console

    from treaty_runtime.acceptance.verify import verify as play
    from treaty_runtime.project import Project

    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    if not play(Project.find(), console, operation or (), paths or ()):
        raise typer.Exit(1)
