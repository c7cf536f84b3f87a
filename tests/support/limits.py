"""How much time and memory one input may take, however busy the machine is."""

from __future__ import annotations

import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import pytest

SECONDS = 2
_UNIT = 1 if sys.platform == "darwin" else 1024


@contextmanager
def two_seconds() -> Iterator[None]:
    """What stands inside takes at most two seconds of a processor: waiting for one does not count."""
    before = signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _too_long(_: int, __: FrameType | None) -> None:
    pytest.fail(f"This took more than {SECONDS} seconds of a processor.")


@pytest.fixture(scope="module")
def no_more_than_500_mb() -> Iterator[None]:
    """The tests of a module take at most that much more than what was taken before."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # Linux forgets what other tests took
    before = _most()
    yield
    assert _most() - before <= 500_000_000


def _most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
