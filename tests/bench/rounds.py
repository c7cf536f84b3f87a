"""Rounds: every subject once, one after the other, again and again, so that a busy moment hits all of them alike."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench.contract_sets import write_set
from tests.bench.measure import Run, measure
from tests.bench.subjects import Subject

Runs = dict[str, list[Run]]


@contextmanager
def project(contracts: int, treaty: Path) -> Iterator[Path]:
    """A project of so many contracts that was generated once, so that every program was loaded from the disk."""
    with tempfile.TemporaryDirectory(prefix="treaty-bench-") as name:
        folder = write_set(Path(name), contracts)
        measure([f"{treaty}/treaty", "generate"], folder)
        yield folder


def first_run(contracts: int, treaty: Path) -> Run:
    """What generating so many contracts takes, once."""
    with tempfile.TemporaryDirectory(prefix="treaty-bench-") as name:
        return measure([f"{treaty}/treaty", "generate"], write_set(Path(name), contracts))


def run_rounds(folder: Path, subjects: Sequence[Subject], rounds: int) -> Runs:
    """What each subject took in each round."""
    found: Runs = {subject.name: [] for subject in subjects}
    for number in range(rounds):
        for subject in subjects:
            subject.prepare(folder)
            run = measure(subject.command, folder)
            found[subject.name].append(run)
            sys.stderr.write(f"  round {number + 1}: {subject.name}: {run.seconds:.2f} s\n")
    shutil.rmtree(folder / "peers", ignore_errors=True)
    return found


def typical(runs: Sequence[Run]) -> float:
    """The median of the seconds."""
    return median(run.seconds for run in runs)


def typical_run(runs: Sequence[Run]) -> Run:
    """The run whose seconds are nearest to the median."""
    middle = typical(runs)
    return min(runs, key=lambda run: abs(run.seconds - middle))


def most_memory(runs: Sequence[Run]) -> float:
    """The most megabytes of all runs."""
    return max(run.megabytes for run in runs)
