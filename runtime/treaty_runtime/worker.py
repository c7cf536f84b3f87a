"""What runs beside the requests: the relay of events, jobs and pruning. Any number of workers may run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog

from treaty_runtime.jobs.descriptor import AnyTask
from treaty_runtime.jobs.queue import Queue
from treaty_runtime.jobs.rescuing import rescue_until
from treaty_runtime.jobs.schedules import Scheduler
from treaty_runtime.observability.background import ObservedSink
from treaty_runtime.pruning import prune_until
from treaty_runtime.relay import Relay
from treaty_runtime.service import Service
from treaty_runtime.serving import finished_within
from treaty_runtime.sinks import open_sink

__all__ = ["work", "work_until", "working"]

PUTTING_BACK = 5.0  # seconds that jobs have to go back into the queue

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.worker")


async def work(service: Service, tasks: Sequence[AnyTask], stop: asyncio.Event) -> None:
    """Work until `stop` is set, and finish what has been begun."""
    async with open_sink(service.settings, service.definition.title, service.clock) as sink:
        relay = Relay(
            service.database,
            service.clock,
            ObservedSink(sink, service.metrics, service.tracing),
            [task.job for task in tasks],
            attempts=service.settings.events_attempts,
        )
        log.info("worker_started")
        async with asyncio.TaskGroup() as works:
            works.create_task(relay.run(stop))
            works.create_task(prune_until(stop, service.database, service.clock))
            if tasks:
                works.create_task(_do_jobs(service, tasks, stop))
    log.info("worker_stopped")


async def _do_jobs(service: Service, tasks: Sequence[AnyTask], stop: asyncio.Event) -> None:
    jobs = {task.job.key: task.job for task in tasks}
    async with Queue.open(service, tasks) as queue, asyncio.TaskGroup() as works:
        works.create_task(queue.run(stop))
        works.create_task(Scheduler(service, jobs.values()).run(stop))
        works.create_task(rescue_until(stop, service, jobs))


async def work_until(stop: asyncio.Event, service: Service, tasks: Sequence[AnyTask]) -> None:
    """Work until `stop` is set; then finish what has been begun, for `TREATY_SHUTDOWN_TIMEOUT` seconds.

    Jobs that have not ended by then are put back; that, too, has an end.
    """
    task, stopped = asyncio.create_task(work(service, tasks, stop)), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
        await finished_within(service.settings.shutdown_timeout + PUTTING_BACK, task)
    finally:
        stopped.cancel()


@asynccontextmanager
async def working(service: Service, tasks: Sequence[AnyTask]) -> AsyncIterator[None]:
    """Work beside the block."""
    stop = asyncio.Event()
    task = asyncio.create_task(work_until(stop, service, tasks))
    try:
        yield
    finally:
        stop.set()
        await task
