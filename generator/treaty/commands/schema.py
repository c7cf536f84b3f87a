"""`treaty schema`: the language as JSON Schema, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def schema(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write it there instead of printing it."),
    ] = None,
) -> None:
    """Print the JSON Schema of the language: editors complete, explain and check contracts by it."""
    from treaty.emit.text import json_file
    from treaty.formatting.files import replace
    from treaty.language_schema import language_schema

    text = json_file(language_schema())
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.is_file():  # a full disk must not leave half of it to editors
            replace(output, text.encode())
        else:
            output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        typer.echo(f"{output} can't be written: {error.strerror}.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Wrote {output}.")
