"""What commands that may take long share: a progress bar, and `--stats`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

StatsOption = Annotated[bool, typer.Option("--stats", help="Show where the time went.")]


@contextmanager
def followed(*, stats: bool) -> Iterator[None]:
    """Show how far a long run is and, with `stats`, where its time went."""
    from treaty.bar import progress_bar
    from treaty.progress import observed
    from treaty.stats import table

    starting = time.process_time()  # what the program did until now is work, not waiting
    with observed() as stages:
        try:
            with progress_bar(stages):
                yield
        finally:
            if stats:
                typer.echo("\n".join(table(stages, starting)), err=True)
