"""Jobs that run by themselves: each time of a schedule is taken once, however many workers look.

A time that passed while no worker ran is made up for when one does; of several, only the last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from croniter import croniter
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.identifiers import new_id
from treaty_runtime.jobs.descriptor import Job, Schedule
from treaty_runtime.jobs.orders import Order, put_into_queue
from treaty_runtime.logging import failure
from treaty_runtime.models import Entity
from treaty_runtime.service import Service

__all__ = ["Scheduler", "last_time", "orders_of", "tenants_of"]

EVERY_SECONDS = 1.0
BATCH = 1_000
MOMENT = timedelta(microseconds=1)

# A job that is new has nothing to make up for.
_BEGIN = text("INSERT INTO treaty.job_tick (job, at) VALUES (:job, :at) ON CONFLICT DO NOTHING")
_TAKE = text("UPDATE treaty.job_tick SET at = :at WHERE job = :job AND at < :at")

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.jobs")


class Scheduler:
    """Enqueues scheduled jobs when their time has come."""

    def __init__(self, service: Service, jobs: Iterable[Job[Any, Any]]) -> None:
        self._service = service
        self._scheduled = [(job, job.schedule) for job in jobs if job.schedule]
        self._seen: dict[str, datetime] = {}

    async def tick(self) -> None:
        """Take every time that has come and that nobody has taken yet, and enqueue what is to be done then."""
        for job, schedule in self._scheduled:
            at = last_time(schedule, self._service.clock.now())
            if self._seen.get(job.key) != at:
                await self._take(job, at)
                self._seen[job.key] = at

    async def run(self, stop: asyncio.Event) -> None:
        """Look at the clock until `stop` is set."""
        while self._scheduled and not stop.is_set():
            try:
                await self.tick()
            except Exception as error:
                log.error("schedule_failed", **failure(error))  # noqa: TRY400 - it is all there
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_SECONDS)

    async def _take(self, job: Job[Any, Any], at: datetime) -> None:
        values = {"job": job.key, "at": at}
        async with self._service.database.system() as system:
            if (await system.execute(_BEGIN, values)).rowcount or not (await system.execute(_TAKE, values)).rowcount:
                return
            orders = await orders_of(job, self._service.definition.tenant, system)
            for start in range(0, len(orders), BATCH):
                await put_into_queue(system, orders[start : start + BATCH])
        log.info("job_scheduled", job=job.key, at=at.isoformat(), orders=len(orders))


def last_time(schedule: Schedule, now: datetime) -> datetime:
    """The last time of a schedule, `now` included, in UTC.

    An hour that the zone's clocks show twice counts once for a schedule that names its hours, and an hour that they
    leave out counts at its end.
    """
    zone = ZoneInfo(schedule.zone)
    times = croniter(schedule.cron, (now + MOMENT).astimezone(zone))
    at: datetime = times.get_prev(datetime)
    while at.astimezone(UTC).astimezone(zone).fold and "*" not in schedule.cron.split()[1]:
        at = times.get_prev(datetime)
    return at.astimezone(UTC)


async def orders_of(job: Job[Any, Any], tenant: type[Entity] | None, system: AsyncConnection) -> list[Order]:
    """What a scheduled time has done: the job for each tenant, or once when it works for none."""
    return [_order(job, of) for of in await tenants_of(job, tenant, system)]


async def tenants_of(job: Job[Any, Any], tenant: type[Entity] | None, system: AsyncConnection) -> Sequence[UUID | None]:
    """The tenants that a job works for, one by one; a single `None` when it works for none."""
    if not job.each_tenant or tenant is None or tenant.TENANT is None:
        return [None]
    identity = getattr(tenant, tenant.TENANT)
    return (await system.execute(select(identity).order_by(identity))).scalars().all()


def _order(job: Job[Any, Any], tenant: UUID | None) -> Order:
    given = {job.tenant_field: tenant} if job.tenant_field else {}
    return Order.of(job, job.input(**given), tenant, str(new_id()))
