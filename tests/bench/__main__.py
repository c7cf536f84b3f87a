"""Measure the generator beside its peers, and print ratios: `make bench-generator`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tests.bench import document, tables
from tests.bench.rounds import Runs, first_run, most_memory, project, run_rounds
from tests.bench.subjects import COLD, subjects

PEERS = ["openapi-python-client", "datamodel-code-generator"]
# From so many contracts on one round takes minutes.
LARGE = 2000


def main() -> None:
    """Measure what the options say."""
    options = _options()
    found = {contracts: _measured(contracts, options) for contracts in options.contracts}
    memory = {contracts: most_memory(runs[COLD]) for contracts, runs in found.items()}
    sys.stderr.write(f"{options.most:,} contracts: memory\n")
    memory[options.most] = most_memory([first_run(options.most, options.treaty)])
    conditions = tables.conditions({size: len(runs[COLD]) for size, runs in found.items()}, _versions(options.peers))
    parts = (conditions, tables.ratios(found), tables.memory(memory), tables.times(found), tables.stages(found))
    text = "\n\n".join(part.rstrip() for part in parts) + "\n"
    sys.stdout.write(f"\n{text}")
    if options.update:
        document.update("generator", text)


def _measured(contracts: int, options: argparse.Namespace) -> Runs:
    """Everything, on a set of so many contracts."""
    sys.stderr.write(f"{contracts:,} contracts\n")
    rounds = options.large_rounds if contracts >= LARGE else options.rounds
    with project(contracts, options.treaty) as folder:
        return run_rounds(folder, subjects(options.treaty, options.peers), rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--treaty", type=Path, default=Path(sys.executable).parent, help="the folder of `treaty`")
    parser.add_argument(
        "--peers", type=Path, default=Path(".venv-bench/bin").absolute(), help="the folder of the peers"
    )
    parser.add_argument("--contracts", type=int, nargs="+", default=[1000, 5000], help="sizes, multiples of ten")
    parser.add_argument("--most", type=int, default=10_000, help="how many contracts to measure memory with")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large-rounds", type=int, default=3, help=f"rounds from {LARGE:,} contracts on")
    parser.add_argument("--update", action="store_true", help=f"write the figures into {document.FILE}")
    return parser.parse_args()


def _versions(peers: Path) -> list[str]:
    code = f"from importlib.metadata import version; print(*(f'{{n}} {{version(n)}}' for n in {PEERS!r}), sep='\\n')"
    return subprocess.run(
        [f"{peers}/python", "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()


if __name__ == "__main__":
    main()
