"""Break the service under load and count: `python -m tests.chaos`."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.campaign import campaign
from tests.chaos.faults import KILLS, OTHERS


def main() -> int:
    """Run a campaign of the options' size; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="how often a replica is killed, and how often a worker")
    parser.add_argument("--rounds", type=int, default=3, help="how often each of the other faults happens")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="the same faults in the same order")
    options = parser.parse_args()
    faults = [*KILLS * options.kills, *OTHERS * options.rounds]
    random.Random(options.seed).shuffle(faults)
    sys.stderr.write(f"{len(faults)} faults, seed {options.seed}\n")
    with tempfile.TemporaryDirectory(prefix="treaty-chaos-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as another user
        outcome = asyncio.run(campaign(Path(folder), faults, options.seed, between=1.0))
    sys.stdout.write(f"\n{outcome.report()}")
    return int(not outcome.held)


if __name__ == "__main__":
    sys.exit(main())
