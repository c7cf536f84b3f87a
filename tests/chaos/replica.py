"""A replica of the service whose clock is wrong: `python -m tests.chaos.replica PORT SECONDS`."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys

from treaty_runtime import logging
from treaty_runtime.clock import SystemClock
from treaty_runtime.composition import load
from treaty_runtime.project import Project
from treaty_runtime.serving import listen, serving, until_signal
from treaty_runtime.settings import Settings


class SkewedClock(SystemClock):
    """The system's clock, ahead by `skew` or, when that is negative, behind."""

    def __init__(self, skew: dt.timedelta) -> None:
        self._skew = skew

    def now(self) -> dt.datetime:
        """The wrong time."""
        return super().now() + self._skew


async def serve(port: int, skew: dt.timedelta) -> None:
    """Serve until SIGTERM, as `treaty serve` does."""
    settings = Settings.load()
    logging.configure(settings.log_level)
    app = load(Project.find()).create(settings, SkewedClock(skew))
    with listen("127.0.0.1", port) as listener:
        async with until_signal() as stop, app.lifespan(), serving(app, listener):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), dt.timedelta(seconds=float(sys.argv[2]))))
