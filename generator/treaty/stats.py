"""`--stats`: where the time of a run went."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from treaty.progress import Stage

START = "starting"


def table(stages: Sequence[Stage], starting: float) -> Iterator[str]:
    """Every stage with its count, seconds and share, in lines; `starting` went by before the first."""
    rows = [Stage(START, seconds=starting), *stages]
    whole = sum(row.seconds for row in rows) or 1.0
    yield f"{'stage':<14}{'count':>8}{'seconds':>10}{'share':>8}"
    for row in rows:
        yield f"{row.name:<14}{_count(row.total):>8}{row.seconds:>10.3f}{row.seconds / whole:>8.0%}"
    yield f"{'all':<14}{'':>8}{whole:>10.3f}{_memory():>8}"


def _count(total: int) -> str:
    return f"{total:,}" if total else ""


def _memory() -> str:
    """The most memory that the process held, where the system tells."""
    try:
        import resource
    except ImportError:  # Windows
        return ""
    unit = 1 if sys.platform == "darwin" else 1024
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:.0f} MB"
