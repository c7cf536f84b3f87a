"""What commands share: which project they speak of, and how problems are shown."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from treaty.diagnostics import Diagnostic
from treaty.project import Project, ProjectError
from treaty.reporting.base import Code
from treaty.reporting.formats import Format
from treaty.source.folder import NO_DRAFTS

NOWHERE = Path("/nowhere")  # for problems that no project's file is about
ProjectOption = Annotated[
    Path, typer.Option("--project", help="The project's folder, or one below it.", metavar="DIR", show_default="here")
]
FormatOption = Annotated[Format, typer.Option("--format", help="For people, or for programs that read it.")]


def find_project(path: Path, form: Format = Format.TEXT) -> Project:
    """The project at `path`; ends the program with a diagnostic when there is none."""
    try:
        return Project.find(path)
    except ProjectError as error:
        report([error.diagnostic], form=form)
        raise typer.Exit(1) from None


def report(
    problems: Sequence[Diagnostic],
    root: Path | None = None,
    form: Format = Format.TEXT,
    known: Mapping[str, Code] | None = None,
    drafts: Mapping[str, bytes] = NO_DRAFTS,
) -> None:
    """Print diagnostics; people get the lines that they are about, from below `root`, and how many there are.

    `known` codes are explained beside those that every command has; `drafts` are what some files would hold.
    """
    if form is Format.TEXT:
        _report_text(problems, root, drafts)
    elif form is Format.JSON:
        from treaty.fixing.regions import Regions
        from treaty.reporting.formats import as_json

        typer.echo(as_json(problems, Regions(root or NOWHERE)))
    elif form is Format.SARIF:
        from treaty.fixing.regions import Regions
        from treaty.reporting.codes import codes
        from treaty.reporting.sarif import as_sarif

        known = {**codes(), **(known or {})}
        typer.echo(as_sarif(problems, known, Regions(root or NOWHERE), _prefix(root)))
    else:
        from treaty.reporting.formats import as_github

        for line in as_github(problems, _prefix(root)):
            typer.echo(line)


def _report_text(problems: Sequence[Diagnostic], root: Path | None, drafts: Mapping[str, bytes]) -> None:
    from treaty.reporting.lines import Files
    from treaty.reporting.text import WIDTH, count, lines

    on_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((WIDTH, 24)).columns if on_terminal else WIDTH
    found = lines(problems, Files(root or NOWHERE, drafts), width)
    if on_terminal:
        from rich.console import Console
        from rich.text import Text

        console = Console(soft_wrap=True)
        for line in found:
            console.print(Text.assemble(*line))
    else:
        for line in found:
            typer.echo("".join(piece for piece, _ in line))
    typer.echo(count(problems))


def show(lines: Iterable[str]) -> None:
    """Print lines; those of a diff in colours, on a terminal."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    styles = {"+++": "bold", "---": "bold", "+": "green", "-": "red", "@@": "cyan"}
    for line in lines:
        if console.is_terminal:
            style = next((style for start, style in styles.items() if line.startswith(start)), "")
            console.print(Text(line, style), soft_wrap=True)
        else:
            typer.echo(line)


def _prefix(root: Path | None) -> str:
    """The way from the repository to the project, where GitHub says which repository this is."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if root is None or not workspace or not root.is_relative_to(workspace) or root == Path(workspace):
        return ""
    return f"{root.relative_to(workspace).as_posix()}/"
