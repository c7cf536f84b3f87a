"""`treaty mock`: answers before anything is implemented."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from treaty.commands.common import ProjectOption, find_project, report


def mock(
    project: ProjectOption = Path(),
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
) -> None:
    """Answer requests as the contracts say, from their examples and schemas, until SIGTERM or Ctrl-C."""
    from treaty.check import load
    from treaty.mock.server import ListenError, Server
    from treaty.mock.service import Service

    found = find_project(project)
    model, problems = load(found)
    if problems:
        report(problems, found.root)
        raise typer.Exit(1)
    try:
        server = Server(host, port, Service(model, found), typer.echo)
    except ListenError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    count = len(model.operations)
    which = (
        "1 operation, answered as its contract says" if count == 1 else f"{count} operations, answered as contracts say"
    )
    typer.echo(f"{which}, on {server.url} (Ctrl-C ends it)")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
