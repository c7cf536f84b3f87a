"""`treaty explain`: what the code of a diagnostic means."""

from __future__ import annotations

from typing import Annotated

import typer


def _codes(incomplete: str) -> list[str]:
    from treaty.reporting.codes import codes

    return [code for code in codes() if code.startswith(incomplete)]


def explain(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="As `treaty check` prints it.", autocompletion=_codes)
    ] = None,
) -> None:
    """Say what a diagnostic's code means, with an example; without CODE, list all codes."""
    from treaty.contract.problems import suggestion
    from treaty.reporting.codes import codes
    from treaty.reporting.explanation import explanation, overview

    if code is None:
        lines = overview()
    elif code in codes():
        lines = explanation(codes()[code])
    else:
        meant = suggestion(code, codes())
        hint = f"Did you mean `{meant}`?" if meant else "`treaty explain` lists all codes."
        typer.echo(f"There is no code `{code}`. {hint}", err=True)
        raise typer.Exit(1)
    for line in lines:
        typer.echo(line)
