"""A worker of its own process that does what is due at the time it is given, for tests that kill it."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from generated.app import DEFINITION, TASKS
from treaty_runtime.clock import ManualClock
from treaty_runtime.jobs.queue import Queue
from treaty_runtime.service import open_service


async def main() -> None:
    """Do all that is due, and end."""
    clock = ManualClock(datetime.fromisoformat(sys.argv[1]))
    async with open_service(DEFINITION, clock=clock) as service, Queue.open(service, TASKS) as queue:
        await queue.drain()


asyncio.run(main())
