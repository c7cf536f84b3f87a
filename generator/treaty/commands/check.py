"""`treaty check`: everything that is wrong with the contracts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treaty.commands.common import FormatOption, ProjectOption, find_project, report
from treaty.commands.completion import contract_keys
from treaty.commands.following import StatsOption, followed
from treaty.reporting.formats import Format

if TYPE_CHECKING:
    from treaty.project import Project


def check(
    project: ProjectOption = Path(),
    explain: Annotated[
        str | None,
        typer.Option(
            "--explain",
            metavar="KEY",
            help="Show one contract with what its folders add, word by word.",
            autocompletion=contract_keys,
        ),
    ] = None,
    form: FormatOption = Format.TEXT,
    stats: StatsOption = False,  # noqa: FBT002 (an option of the command line)
) -> None:
    """Say everything that is wrong with the contracts, and where."""
    from datetime import UTC, datetime

    from treaty.check import examine

    found = find_project(project, form)
    if explain is not None:
        _explain(found, explain)
        return
    with followed(stats=stats):
        checked = examine(found, today=datetime.now(UTC).date())
    if checked.problems or form is not Format.TEXT:
        report(checked.problems, found.root, form)
    if checked.errors:
        raise typer.Exit(1)
    if not checked.problems and form is Format.TEXT:
        count = sum(1 for _ in checked.model.headers())
        typer.echo(f"{count} contract{'' if count == 1 else 's'}, no problems.")


def _explain(project: Project, key: str) -> None:
    from treaty.check import read
    from treaty.explain import explain as lines

    book, _ = read(project)
    if key not in book.merged:
        typer.echo(f"There is no contract `{key}` that can be read. Say its full key; `treaty check` says the rest.")
        raise typer.Exit(1)
    typer.echo("\n".join(lines(book, key)))
