"""`treaty new`: a contract, with what is left to say in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from treaty.commands.common import ProjectOption, find_project, report
from treaty.commands.completion import kinds, namespaces


def new(
    kind: Annotated[
        str,
        typer.Argument(
            help="command, query, job, webhook, event, entity, type or vocabulary.",
            show_default=False,
            autocompletion=kinds,
        ),
    ],
    key: Annotated[
        str,
        typer.Argument(help="Its key, such as shop.order.place.", show_default=False, autocompletion=namespaces),
    ],
    project: ProjectOption = Path(),
) -> None:
    """Add a contract, its scenarios stubbed; `treaty check` names what is left to say."""
    from treaty.beginning import BeginningError
    from treaty.beginning.contract import begin_contract

    found = find_project(project)
    try:
        begun = begin_contract(found, kind, key)
    except BeginningError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Wrote {found.shown(begun.file)}. What is left to say:")
    report(begun.left, found.root)
