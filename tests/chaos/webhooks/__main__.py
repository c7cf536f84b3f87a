"""Send webhooks as nobody should, kill those who work on them, and count: `python -m tests.chaos.webhooks`."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.webhooks.campaign import Size, campaign

DROPPED = 0.05


def main() -> int:
    """Run a campaign of the options' size; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--copies", type=int, default=5, help="deliveries of each event")
    parser.add_argument("--kills", type=int, default=10, help="how often a worker is killed")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="the same order, the same drops")
    options = parser.parse_args()
    size = Size(options.customers, options.events, options.copies, DROPPED, options.kills, of_each=2)
    sys.stderr.write(f"{size.events * size.copies:,} deliveries, seed {options.seed}\n")
    with tempfile.TemporaryDirectory(prefix="treaty-chaos-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as another user
        outcome = asyncio.run(campaign(Path(folder), size, options.seed))
    sys.stdout.write(f"\n{outcome.report()}")
    return int(not outcome.held)


if __name__ == "__main__":
    sys.exit(main())
