"""How much of the processor processes take, on Linux: what a busy machine distorts less than rates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["IS_KNOWN", "seconds_of"]

PROC = Path("/proc")
IS_KNOWN = (PROC / "self" / "stat").exists()
_PARENT, _TIMES = 1, slice(11, 15)  # of the fields behind the name: its own time and that of children which have ended


def seconds_of(process: int) -> float:
    """The processor time of a process and of all that it has started, in seconds; 0 where that is not known."""
    return sum(_tree(process, dict(_all()))) if IS_KNOWN else 0.0


def _all() -> Iterator[tuple[int, tuple[int, float]]]:
    """The parent and the processor time of every process."""
    ticks = os.sysconf("SC_CLK_TCK")
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            yield int(folder.name), (int(fields[_PARENT]), sum(map(int, fields[_TIMES])) / ticks)


def _tree(root: int, processes: dict[int, tuple[int, float]]) -> Iterator[float]:
    if root in processes:
        yield processes[root][1]
    for process, (parent, _) in processes.items():
        if parent == root:
            yield from _tree(process, processes)
