"""Measure the generator beside its peers, and print ratios: `python -m tests.bench --peers FOLDER`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tests.bench import document, tables
from tests.bench.rounds import project, run_rounds
from tests.bench.subjects import subjects

PEERS = ["openapi-python-client", "datamodel-code-generator"]


def main() -> None:
    """Measure what the options say."""
    options = _options()
    found = {}
    for contracts in options.contracts:
        sys.stderr.write(f"{contracts:,} contracts\n")
        with project(contracts, options.treaty) as folder:
            found[contracts] = run_rounds(folder, subjects(options.treaty, options.peers), options.rounds)
    conditions = tables.conditions(options.rounds, _versions(options.peers))
    text = f"{conditions}\n\n{tables.times(found)}\n{tables.ratios(found)}"
    sys.stdout.write(f"\n{text}")
    if options.update:
        document.update(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--treaty", type=Path, default=Path(sys.executable).parent, help="the folder of `treaty`")
    parser.add_argument(
        "--peers", type=Path, default=Path(".venv-bench/bin").absolute(), help="the folder of the peers"
    )
    parser.add_argument("--contracts", type=int, nargs="+", default=[1000, 5000], help="sizes, multiples of ten")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--update", action="store_true", help=f"write the figures into {document.FILE}")
    return parser.parse_args()


def _versions(peers: Path) -> list[str]:
    code = f"from importlib.metadata import version; print(*(f'{{n}} {{version(n)}}' for n in {PEERS!r}), sep='\\n')"
    return subprocess.run(
        [f"{peers}/python", "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()


if __name__ == "__main__":
    main()
