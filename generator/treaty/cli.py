"""The command `treaty`. Other distributions add their commands through the entry point `treaty.commands`."""

from __future__ import annotations

import io
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Annotated

import typer

from treaty.commands.common import ProjectOption, find_project, report
from treaty.commands.completion import contract_keys
from treaty.commands.generate import generate
from treaty.commands.init import init
from treaty.commands.new import new
from treaty.commands.schema import schema

app = typer.Typer(
    name="treaty",
    help="Contracts in; a running, verified service out.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _command in (generate, init, new, schema):
    app.command()(_command)


@app.callback()
def _treaty() -> None:
    """Contracts in; a running, verified service out."""


@app.command()
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
) -> None:
    """Say everything that is wrong with the contracts, and where."""
    from treaty.check import load, read
    from treaty.explain import explain as lines

    found = find_project(project)
    if explain is not None:
        book, _ = read(found)
        if explain not in book.merged:
            typer.echo(
                f"There is no contract `{explain}` that can be read. Say its full key; `treaty check` says the rest."
            )
            raise typer.Exit(1)
        typer.echo("\n".join(lines(book, explain)))
        return
    model, problems = load(found)
    if problems:
        report(problems)
        raise typer.Exit(1)
    count = sum(1 for _ in model.headers())
    typer.echo(f"{count} contract{'' if count == 1 else 's'}, no problems.")


def main() -> None:
    """Run the command line; commands of other distributions are loaded only when one of them may be meant."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 still gets every message
    own = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    if not any(argument in own for argument in sys.argv[1:2]):
        entries = entry_points(group="treaty.commands")
        for entry in entries:
            _load(entry)
        if not entries and sys.argv[1:] and not sys.argv[1].startswith("-"):
            typer.echo(
                f"`treaty {sys.argv[1]}` may be a command of treaty-runtime, which is not installed here.", err=True
            )
    app()


def _load(entry: EntryPoint) -> None:
    try:
        entry.load()(app)
    except ImportError as error:
        typer.echo(
            f"The commands of `{entry.value}` can't be loaded: {error}. Install its distribution again.", err=True
        )
