"""A progress bar for runs that take longer than a second, on a terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from treaty.progress import Stage

PATIENCE = 1.0
_REFRESH = 0.1


@contextmanager
def progress_bar(stages: Sequence[Stage]) -> Iterator[None]:
    """Show how far the stages are while what runs inside takes long; afterwards no trace of it is left."""
    if not sys.stderr.isatty():
        yield
        return
    finished = threading.Event()
    thread = threading.Thread(target=_show, args=(stages, finished), daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def _show(stages: Sequence[Stage], finished: threading.Event) -> None:
    if finished.wait(PATIENCE):
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task = bar.add_task("")
        while not finished.wait(_REFRESH):
            if stages:
                now = stages[-1]
                total = now.total if now.done else None  # what is not counted one by one is only shown to be under way
                bar.update(task, description=now.name, completed=now.done, total=total, refresh=True)
