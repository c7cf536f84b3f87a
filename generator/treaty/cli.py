"""The command `treaty`. Other distributions add their commands through the entry point `treaty.commands`."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

# Each is a function in the module of its name: importing all of them takes longer than what most of them do.
COMMANDS = ("check", "diff", "explain", "fix", "fmt", "generate", "init", "mock", "new", "schema", "trace")


def application(*names: str) -> typer.Typer:
    """The command line with these commands of our own, or with all."""
    app = typer.Typer(
        name="treaty",
        help="Contracts in; a running, verified service out.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_treaty)
    for name in names or COMMANDS:
        app.command()(getattr(import_module(f"treaty.commands.{name}"), name))
    return app


def _treaty() -> None:
    """Contracts in; a running, verified service out."""


def main() -> None:
    """Run the command line; commands of other distributions are loaded only when one of them may be meant."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 still gets every message
    asked = [argument for argument in sys.argv[1:2] if argument in COMMANDS]
    app = application(*asked)
    if not asked:
        _add_others(app)
    try:
        app()
    except OSError as error:
        _fail(error)


def _fail(error: OSError) -> NoReturn:
    """What no command expects is where it writes its output: a full disk, a terminal that is gone."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"treaty was stopped: {error.filename or 'its output cannot be written'}: {error.strerror}.\n")
    sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - what is left to be said has nowhere to go
    sys.exit(1)


def _add_others(app: typer.Typer) -> None:
    """The commands of other distributions."""
    from importlib.metadata import entry_points

    entries = entry_points(group="treaty.commands")
    for entry in entries:
        _load(entry, app)
    if not entries and sys.argv[1:] and not sys.argv[1].startswith("-"):
        typer.echo(f"`treaty {sys.argv[1]}` may be a command of treaty-runtime, which is not installed here.", err=True)


def _load(entry: EntryPoint, app: typer.Typer) -> None:
    try:
        entry.load()(app)
    except ImportError as error:
        typer.echo(
            f"The commands of `{entry.value}` can't be loaded: {error}. Install its distribution again.", err=True
        )
