"""`treaty explain`: what the code of a diagnostic means."""

from __future__ import annotations

from typing import Annotated

import typer


def _codes(incomplete: str) -> list[str]:
    from treaty.diff.explanation import class_words
    from treaty.reporting.codes import codes

    return [code for code in (*codes(), *class_words()) if code.startswith(incomplete)]


def explain(
    code: Annotated[
        str | None,
        typer.Argument(metavar="CODE", help="As `treaty check` or `treaty diff` prints it.", autocompletion=_codes),
    ] = None,
) -> None:
    """Say what the code of a diagnostic, or of a change, means; without CODE, list all codes of diagnostics."""
    from treaty.contract.spelling import suggestion
    from treaty.diff.explanation import change_class, class_explanation, class_words
    from treaty.reporting.codes import codes
    from treaty.reporting.explanation import explanation, overview

    if code is None:
        lines = overview()
    elif code in codes():
        lines = explanation(codes()[code])
    elif change := change_class(code):
        lines = class_explanation(change)
    else:
        meant = suggestion(code, [*codes(), *class_words()])
        hint = f"Did you mean `{meant}`?" if meant else "`treaty explain` lists all codes."
        typer.echo(f"There is no code `{code}`. {hint}", err=True)
        raise typer.Exit(1)
    for line in lines:
        typer.echo(line)
