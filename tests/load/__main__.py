"""Call the service as fast as it answers, and count: `python -m tests.load`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.load.measure import measure


def main() -> int:
    """Measure once; 1 when something acknowledged is missing, or an answer was none that callers must expect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="how long to call")
    parser.add_argument("--callers", type=int, default=32, help="how many call at once")
    parser.add_argument("--organizations", type=int, default=200, help="whose usage it is; each has its own rate limit")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="treaty-load-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as another user
        outcome = asyncio.run(measure(Path(folder), options.seconds, options.callers, options.organizations))
    sys.stdout.write(outcome.report())
    return int(not outcome.held)


if __name__ == "__main__":
    sys.exit(main())
