"""The command `treaty`. Other distributions add their commands through the entry point `treaty.commands`."""

from __future__ import annotations

import io
import sys
from importlib.metadata import EntryPoint, entry_points

import typer

from treaty.commands.check import check
from treaty.commands.diff import diff
from treaty.commands.explain import explain
from treaty.commands.fix import fix
from treaty.commands.fmt import fmt
from treaty.commands.generate import generate
from treaty.commands.init import init
from treaty.commands.mock import mock
from treaty.commands.new import new
from treaty.commands.schema import schema
from treaty.commands.trace import trace

app = typer.Typer(
    name="treaty",
    help="Contracts in; a running, verified service out.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _command in (check, diff, explain, fix, fmt, generate, init, mock, new, schema, trace):
    app.command()(_command)


@app.callback()
def _treaty() -> None:
    """Contracts in; a running, verified service out."""


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
