"""Garbage collection, put off: looking through thousands of objects that are kept costs more than reading them."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Leave garbage where it is until what runs inside is done."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def leave(code: object) -> None:
    """End the program without giving back its memory piece by piece, which takes longer than making what was asked.

    Returns when its end needs more than that: a message of its own, or output that can't be written.
    """
    if code is not None and not isinstance(code, int):
        return
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return
    os._exit(code or 0)
