"""What a run is doing: one stage after the other, how long each takes, how far it is.

Code says where a stage begins and ends; who wants to know listens with `observed`. Nobody listening costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Stage:
    """One part of a run; `total` is how many things it works on, `done` how many of them it has finished."""

    name: str
    total: int = 0
    done: int = 0
    seconds: float = 0.0


_observed: ContextVar[list[Stage] | None] = ContextVar("observed", default=None)


@contextmanager
def observed() -> Iterator[list[Stage]]:
    """The stages of what runs inside; the last one is under way."""
    stages: list[Stage] = []
    token = _observed.set(stages)
    try:
        yield stages
    finally:
        _observed.reset(token)


@contextmanager
def stage(name: str, total: int = 0) -> Iterator[None]:
    """What runs inside is a stage of the run."""
    stages = _observed.get()
    if stages is None:
        yield
        return
    own = Stage(name, total)
    stages.append(own)
    start = time.perf_counter()
    try:
        yield
    finally:
        own.seconds = time.perf_counter() - start


def counted(items: Collection[T]) -> Iterator[T]:
    """The things that the stage under way works on, counted as they are finished."""
    stages = _observed.get()
    if not stages:
        yield from items
        return
    own = stages[-1]
    own.total += len(items)
    for item in items:
        yield item
        own.done += 1
