"""The jobs of a scenario: those that are due when workers run, and those that a phrase runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import text

from treaty_runtime.acceptance.exchanges import Reply, wire_input
from treaty_runtime.acceptance.failures import Mistake
from treaty_runtime.identifiers import new_id
from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.jobs.orders import Order, put_into_queue
from treaty_runtime.jobs.queue import Queue
from treaty_runtime.jobs.schedules import Scheduler, tenants_of
from treaty_runtime.models import Shape
from treaty_runtime.service import Service
from treaty_runtime.validation_messages import field_errors
from treaty_runtime.wire import ContractBroken

__all__ = ["JobRun", "Jobs"]

_DUE = text("""
    SELECT EXISTS (SELECT FROM treaty.procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= :now))
""")
_RESULTS = text("""
    SELECT job.args ->> 'tenant' AS tenant, done.output, failure.error, done.job_id IS NOT NULL AS is_done
    FROM treaty.procrastinate_jobs AS job
    LEFT JOIN treaty.job_done AS done ON done.job_id = job.id
    LEFT JOIN treaty.job_failure AS failure ON failure.job_id = job.id
    WHERE job.args ->> 'request_id' = :run AND job.task_name = :key
    ORDER BY job.id
""")


@dataclass(frozen=True, slots=True)
class JobRun(Reply):
    """What came of running a job. `error` is what was said when it failed."""

    error: str | None

    @property
    def succeeded(self) -> bool:
        """Whether it was done, for every tenant that it ran for."""
        return self.error is None

    @property
    def code(self) -> str | None:
        """None: a job refuses nobody."""
        return None

    @property
    def came(self) -> str:
        """What came, in a few words."""
        return "success" if self.error is None else f"failure ({self.error})"

    @property
    def refusal(self) -> str:
        """How it failed, as the end of a sentence."""
        return f"failed: {self.error}"

    @property
    def whole(self) -> str:
        """What it told."""
        return f"what it told: {json.dumps(self.body, ensure_ascii=False)}"


class Jobs:
    """Enqueues as the service does, and carries out in its queue."""

    def __init__(self, service: Service, queue: Queue) -> None:
        self._service = service
        self._queue = queue
        self._jobs = {job.key: job for job in service.definition.jobs}
        self._scheduler = Scheduler(service, self._jobs.values())

    async def begin(self) -> None:
        """Let schedules begin now: what came before is not made up for."""
        self._scheduler = Scheduler(self._service, self._jobs.values())
        async with self._service.database.system() as system:
            await system.execute(text("DELETE FROM treaty.job_tick"))
        await self._scheduler.tick()

    async def drain(self) -> int:
        """Do what is due, by schedule or because it waits, and return how many tries that were."""
        await self._scheduler.tick()
        async with self._service.database.system() as system:
            is_due = (await system.execute(_DUE, {"now": self._service.clock.now()})).scalar_one()
        return await self._queue.drain() if is_due else 0

    async def run(self, key: str, values: Mapping[str, Any], tenant: UUID | None, own: UUID | None) -> JobRun:
        """Run a job for `tenant`, or for every tenant. The answer is what it tells of `own`."""
        job, run = self._job(key), str(new_id())
        async with self._service.database.system() as system:
            tenants = [tenant] if tenant else await tenants_of(job, self._service.definition.tenant, system)
            orders = [_order(job, values, of, run) for of in tenants]
            await put_into_queue(system, orders)
        await self._queue.drain()
        async with self._service.database.system() as system:
            rows = (await system.execute(_RESULTS, {"run": run, "key": key})).all()
        if len(rows) < len(orders):
            raise Mistake(f"{key} waits already, and only one of it may: move the clock on, and it is tried again")
        told = {row.tenant: row.output for row in rows}
        failed = next((row.error or "it has not been tried" for row in rows if not row.is_done), None)
        return JobRun(key, job.output, told.get(str(own), next(iter(told.values()), None)), failed)

    def _job(self, key: str) -> Job[Any, Any]:
        if key in self._jobs:
            return self._jobs[key]
        near = get_close_matches(key, self._jobs, n=1)
        raise Mistake(f"there is no job {key}{f'; did you mean {near[0]}?' if near else ''}")


def _order(job: Job[Any, Any], values: Mapping[str, Any], tenant: UUID | None, run: str) -> Order:
    try:
        return Order.of(job, _payload(job, values, tenant), tenant, run)
    except ContractBroken as error:
        raise Mistake(str(error)) from error


def _payload(job: Job[Any, Any], values: Mapping[str, Any], tenant: UUID | None) -> Shape:
    given = wire_input(job, values)
    if job.tenant_field:
        field = job.input.model_fields[job.tenant_field]
        given.setdefault(field.alias or job.tenant_field, str(tenant))
    try:
        payload: Shape = job.input.model_validate_json(json.dumps(given), by_alias=True, by_name=False)
    except ValidationError as error:
        wrong = "; ".join(f"{each.field or 'the whole'} {each.message}" for each in field_errors(error))
        raise Mistake(f"{job.key} cannot be run like this: {wrong}") from error
    return payload
