"""One run at a time: a lock on the project's folder, which the operating system gives back however a run ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path, *, shared: bool, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock, alone or with other readers; `waiting` is told when another run has it.

    File systems without locks, and Windows, are used without one.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, shared=shared, waiting=waiting)
        yield
    finally:
        os.close(descriptor)


if sys.platform != "win32":
    import fcntl

    def _lock(descriptor: int, *, shared: bool, waiting: Callable[[], None]) -> None:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, kind)
        except OSError:
            return
