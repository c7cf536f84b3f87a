"""How much memory tests may take."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator

import pytest

_UNIT = 1 if sys.platform == "darwin" else 1024


@pytest.fixture(scope="module")
def no_more_than_500_mb() -> Iterator[None]:
    """The tests of a module take at most that much more than what was taken before."""
    before = _most()
    yield
    assert _most() - before <= 500_000_000


def _most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
