"""The figures as Markdown tables, which read as well in a terminal as in the documentation."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from tests.bench.rounds import Runs, most_memory, typical
from tests.bench.subjects import TARGETS, Target


def conditions(rounds: int, peers: Sequence[str]) -> str:
    """What the figures depend on beside the code."""
    system = f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores"
    return f"{system}; treaty {version('treaty')}, {', '.join(peers)}; median of {rounds} rounds."


def times(found: Mapping[int, Runs]) -> str:
    """Seconds and megabytes of every subject, for each size of the set."""
    names = list(next(iter(found.values())))
    rows = (
        [name, *(cell for runs in found.values() for cell in (_seconds(runs, name), _megabytes(runs, name)))]
        for name in names
    )
    sizes = [head for size in found for head in (f"{size:,} contracts", "memory")]
    return _table(["", *sizes], rows)


def ratios(found: Mapping[int, Runs]) -> str:
    """The targets and what became of them."""
    rows = (
        [
            f"{target.subject} / {target.of}",
            f"at most {target.most:.2f}",
            *(_ratio(runs, target) for runs in found.values()),
        ]
        for target in TARGETS
    )
    return _table(["ratio", "target", *(f"{size:,} contracts" for size in found)], rows)


def _seconds(runs: Runs, name: str) -> str:
    return f"{typical(runs[name]):.2f} s"


def _megabytes(runs: Runs, name: str) -> str:
    return f"{most_memory(runs[name]):,.0f} MB"


def _ratio(runs: Runs, target: Target) -> str:
    ratio = typical(runs[target.subject]) / typical(runs[target.of])
    return f"{ratio:.3f}" if ratio <= target.most else f"{ratio:.3f} (missed)"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    printed = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in (printed[0], rule, *printed[1:])) + "\n"
