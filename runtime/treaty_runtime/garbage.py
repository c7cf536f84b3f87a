"""Garbage collection of a process that serves: what is there when it has started stays, and is not looked at again.

Python looks for garbage in cycles among all objects that have survived so far. Models, statements and routes are some
hundred thousand of them and never garbage; looking through them now and then took two fifths of the time of a batch.
"""

from __future__ import annotations

import gc

__all__ = ["put_off", "settle"]


def put_off() -> None:
    """Leave garbage where it is while the process starts. `settle` ends that."""
    gc.disable()


def settle() -> None:
    """Look from now on, and only at what comes after: of all that starting leaves, next to nothing is garbage."""
    gc.freeze()
    gc.enable()
