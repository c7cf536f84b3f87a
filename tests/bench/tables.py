"""The figures as Markdown tables, which read as well in a terminal as in the documentation."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version

from tests.bench.rounds import Runs, most_memory, typical, typical_run
from tests.bench.subjects import CHECK, COLD, MOST_MEMORY, TARGETS, Target

LARGEST = 10_000


def conditions(rounds: Mapping[int, int], peers: Sequence[str]) -> str:
    """What the figures depend on beside the code; `rounds` by the size of the set."""
    system = f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores"
    counts = " and ".join(f"{count} rounds with {size:,} contracts" for size, count in rounds.items())
    return f"{system}; treaty {version('treaty')}, {', '.join(peers)}; medians of {counts}."


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
            "" if target.most is None else f"at most {target.most:.2f}",
            *(_ratio(runs, target) for runs in found.values()),
        ]
        for target in TARGETS
    )
    return _table(["ratio", "target", *(f"{size:,} contracts" for size in found)], rows)


def memory(found: Mapping[int, float]) -> str:
    """The most megabytes of `treaty generate`, cold, for each size of the set."""
    rows = (
        [f"{size:,}", f"{megabytes:,.0f} MB", f"{megabytes / size * 1000:,.0f} MB", _memory_target(size, megabytes)]
        for size, megabytes in found.items()
    )
    return _table(["contracts", "memory", "for each thousand", "target"], rows)


def _memory_target(size: int, megabytes: float) -> str:
    if size != LARGEST:
        return ""
    return f"below {MOST_MEMORY:,.0f} MB{'' if megabytes < MOST_MEMORY else ' (missed)'}"


def stages(found: Mapping[int, Runs]) -> str:
    """Where the time of a typical run went, as `--stats` says."""
    parts = (
        f"`{name}`, {size:,} contracts:\n\n```text\n{_stats(typical_run(runs[name]).said)}\n```"
        for size, runs in found.items()
        for name in (COLD, CHECK)
    )
    return "\n\n".join(parts)


def _stats(said: str) -> str:
    lines = said.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("stage "))
    end = next(number for number, line in enumerate(lines) if line.startswith("all "))
    return "\n".join(lines[start : end + 1])


def _seconds(runs: Runs, name: str) -> str:
    return f"{typical(runs[name]):.2f} s"


def _megabytes(runs: Runs, name: str) -> str:
    return f"{most_memory(runs[name]):,.0f} MB"


def _ratio(runs: Runs, target: Target) -> str:
    ratio = typical(runs[target.subject]) / typical(runs[target.of])
    return f"{ratio:.3f} (missed)" if target.most is not None and ratio > target.most else f"{ratio:.3f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    printed = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in (printed[0], rule, *printed[1:])) + "\n"
