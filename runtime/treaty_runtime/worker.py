"""What runs beside the requests: the relay of events and pruning. Any number of workers may run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from treaty_runtime.observability.deliveries import ObservedSink
from treaty_runtime.pruning import prune_until
from treaty_runtime.relay import Relay
from treaty_runtime.service import Service
from treaty_runtime.serving import finished_within
from treaty_runtime.sinks import open_sink

__all__ = ["work", "work_until", "working"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.worker")


async def work(service: Service, stop: asyncio.Event) -> None:
    """Work until `stop` is set, and finish what has been begun."""
    async with open_sink(service.settings, service.definition.title) as sink:
        relay = Relay(service.database, service.clock, ObservedSink(sink, service.metrics, service.tracing))
        log.info("worker_started")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(relay.run(stop))
            tasks.create_task(prune_until(stop, service.database, service.clock))
    log.info("worker_stopped")


async def work_until(stop: asyncio.Event, service: Service) -> None:
    """Work until `stop` is set; then finish what has been begun, for `TREATY_SHUTDOWN_TIMEOUT` seconds at most."""
    task, stopped = asyncio.create_task(work(service, stop)), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
        await finished_within(service.settings.shutdown_timeout, task)
    finally:
        stopped.cancel()


@asynccontextmanager
async def working(service: Service) -> AsyncIterator[None]:
    """Work beside the block."""
    stop = asyncio.Event()
    task = asyncio.create_task(work_until(stop, service))
    try:
        yield
    finally:
        stop.set()
        await task
