"""Measure the service beside the same work written by hand, and print ratios: `make bench-service`."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench import document
from tests.bench.service import pgbench
from tests.bench.service.reporting import reported
from tests.bench.service.world import Load, Place, Serving, by_hand, load, served, treaty
from treaty_runtime.embedded.server import EmbeddedPostgres

EVENTS = 1000  # in a batch
CHECK = "/billing/features/api_calls"
FEW, MANY = 10, 1000

HAND = "usage.record, by hand: FastAPI and SQLModel"
RECORD = "usage.record"
FULL = "usage.record, full ledger"
PGBENCH = "pgbench: two inserts in a transaction"
BATCH = "usage.recordBatch, events"
BATCH_FULL = "usage.recordBatch, full ledger, events"
REPORT = "reporting to the simulator's stream, records"
READ_HAND = "feature.check, by hand: Litestar and SQLModel"
READ = "feature.check"
READ_FEW = f"feature.check, one of {FEW} operations"
READ_MANY = f"feature.check, one of {MANY:,} operations"

Loads = dict[str, list[Load]]


@dataclass(frozen=True, slots=True)
class Target:
    """At least so much of what another subject reaches."""

    subject: str
    of: str
    least: float


TARGETS = (
    Target(RECORD, HAND, 8.0),
    Target(RECORD, PGBENCH, 0.5),
    Target(FULL, RECORD, 0.9),
    Target(BATCH_FULL, BATCH, 0.9),
    Target(READ, READ_HAND, 0.95),
    Target(READ_MANY, READ_FEW, 0.9),
)
BATCH_TARGET = 30_000
REPORT_TARGET = 10_000
START_TARGET = 2.0


def main() -> None:
    """Measure what the options say."""
    options = _options()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="treaty-bench-"))
        server = stack.enter_context(EmbeddedPostgres.start(Path(folder)))
        sys.stderr.write(f"a ledger of {options.rows:,} rows\n")
        empty, full = Place.make(server, 0), Place.make(server, options.rows)
        with ExitStack() as servers:
            loads, starts = _measured(servers, empty, full, options)
        reports = _reported(server, Path(folder), options)
    text = _figures(loads, reports, starts, options)
    sys.stdout.write(f"\n{text}")
    if options.update:
        document.update("service", text)


def _measured(
    stack: ExitStack, empty: Place, full: Place, options: argparse.Namespace
) -> tuple[Loads, Mapping[int, float]]:
    """Events, requests or transactions, in each round, and the seconds that starting takes."""
    ours = stack.enter_context(served(empty, treaty(), CHECK))
    filled = stack.enter_context(served(full, treaty(), CHECK))
    fastapi = stack.enter_context(served(empty, by_hand(options.peers, "with_fastapi"), "/"))
    litestar = stack.enter_context(served(empty, by_hand(options.peers, "with_litestar"), CHECK))
    few = stack.enter_context(served(empty, treaty("--operations", str(FEW)), _copy(FEW)))
    many = stack.enter_context(served(empty, treaty("--operations", str(MANY)), _copy(MANY)))
    seconds, connections = options.seconds, options.connections

    def of(place: Place, serving: Serving, what: str, *, at_once: int = connections, each: int = 1) -> Load:
        return load(place, serving, what, connections=at_once, seconds=seconds).for_each(each)

    subjects: dict[str, Callable[[], Load]] = {
        HAND: lambda: of(empty, fastapi, "record"),
        RECORD: lambda: of(empty, ours, "record"),
        PGBENCH: lambda: Load(pgbench.transactions(empty, connections=options.pgbench_connections, seconds=seconds)),
        FULL: lambda: of(full, filled, "record"),
        BATCH: lambda: of(empty, ours, "batch", at_once=options.batch_connections, each=EVENTS),
        BATCH_FULL: lambda: of(full, filled, "batch", at_once=options.batch_connections, each=EVENTS),
        READ_HAND: lambda: of(empty, litestar, CHECK),
        READ: lambda: of(empty, ours, CHECK),
        READ_FEW: lambda: of(empty, few, _copy(FEW)),
        READ_MANY: lambda: of(empty, many, _copy(MANY)),
    }
    loads: Loads = {name: [] for name in subjects}
    for number in range(options.rounds):
        for name, measure in subjects.items():
            loads[name].append(measure())
            sys.stderr.write(f"  round {number + 1}: {name}: {loads[name][-1].rate:,.0f}/s\n")
    return loads, {FEW: few.started_in, MANY: many.started_in}


def _reported(server: EmbeddedPostgres, folder: Path, options: argparse.Namespace) -> list[float]:
    """Records in a second, in each round. After the servers have ended: workers need the processors."""
    rates = []
    with reported(Place.make(server, 0), folder / "data", options.reported) as reporting:
        for number in range(options.rounds):
            rates.append(reporting.rate())
            sys.stderr.write(f"  round {number + 1}: {REPORT}: {rates[-1]:,.0f}/s\n")
    return rates


def _copy(operations: int) -> str:
    """The path of the last of so many operations."""
    return f"/copies/{operations - 1}/features/api_calls"


def _figures(loads: Loads, reports: Sequence[float], starts: Mapping[int, float], options: argparse.Namespace) -> str:
    system = f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores"
    conditions = (
        f"{system}, which server, PostgreSQL (fsync on) and sender share; {options.connections} connections "
        f"({options.batch_connections} for batches of {EVENTS:,}, {options.pgbench_connections} for pgbench); "
        f"medians of {options.rounds} interleaved rounds of {options.seconds:g} s. "
        f"The full ledger had {options.rows:,} rows."
    )
    return "\n\n".join([conditions, _table(_targets(loads, reports, starts)), _table(_rates(loads))]) + "\n"


def _targets(loads: Loads, reports: Sequence[float], starts: Mapping[int, float]) -> Iterator[list[str]]:
    yield ["what is aimed at", "target", "measured"]
    for target in TARGETS:
        pairs = zip(loads[target.subject], loads[target.of], strict=True)
        ratio = statistics.median(this.rate / other.rate for this, other in pairs)
        verdict = "" if ratio >= target.least else " (missed)"
        yield [f"{target.subject} / {target.of}", f"at least {target.least:g}", f"{ratio:.2f}{verdict}"]
    events = statistics.median(each.rate for each in loads[BATCH])
    missed = "" if events >= BATCH_TARGET else " (missed)"
    yield [f"{BATCH} a second", f"at least {BATCH_TARGET:,}", f"{events:,.0f}{missed}"]
    reported_in_a_second = statistics.median(reports)
    missed = "" if reported_in_a_second >= REPORT_TARGET else " (missed)"
    yield [f"{REPORT} a second", f"at least {REPORT_TARGET:,}", f"{reported_in_a_second:,.0f}{missed}"]
    for operations, seconds in starts.items():
        missed = "" if seconds <= START_TARGET else " (missed)"
        yield [
            f"start to first answer, {operations:,} operations",
            f"at most {START_TARGET:g} s",
            f"{seconds:.2f} s{missed}",
        ]


def _rates(loads: Loads) -> Iterator[list[str]]:
    """What was reached, and what each took of the processor, where that is known: of pgbench it is not."""
    yield ["measured", "a second", "least", "most", "server, µs", "PostgreSQL, µs"]
    for name, found in loads.items():
        rates = [each.rate for each in found]
        taken = [statistics.median(each.server for each in found), statistics.median(each.database for each in found)]
        yield [
            name,
            *(f"{rate:,.0f}" for rate in (statistics.median(rates), min(rates), max(rates))),
            *(f"{each:,.0f}" if each else "" for each in taken),
        ]


def _table(rows: Iterator[list[str]]) -> str:
    head, *others = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *others])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peers", type=Path, default=Path(".venv-bench/bin").absolute(), help="the folder of the peers"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of load, for each subject in each round")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--batch-connections", type=int, default=3)
    parser.add_argument("--pgbench-connections", type=int, default=12)
    parser.add_argument("--rows", type=int, default=300_000, help="in the ledger that is not empty")
    parser.add_argument("--reported", type=int, default=200_000, help="records that are reported in each round")
    parser.add_argument("--update", action="store_true", help=f"write the figures into {document.FILE}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
