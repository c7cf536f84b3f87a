"""A job's turn: one transaction of the app role for its tenant, with its events, its audit and its own mark as done.

The mark makes it safe to try a job again: a worker that dies after the commit and before the queue knows has the job
tried once more, and the second try finds the mark. So what a job does in the database happens once; what it does
elsewhere may happen again.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.audit import audit_job_done
from treaty_runtime.database import ending
from treaty_runtime.encoding import check_output, encode_events
from treaty_runtime.jobs.attempts import Attempt
from treaty_runtime.jobs.descriptor import AnyTask, SystemTask, Task
from treaty_runtime.jobs.orders import enqueue, enqueue_for_tenants
from treaty_runtime.models import Shape
from treaty_runtime.outbox import put_into_outbox
from treaty_runtime.sensitive import without
from treaty_runtime.service import Service
from treaty_runtime.unit_of_work import Principal, UnitOfWork

__all__ = ["carry_out"]

GRACE = timedelta(seconds=5)  # so that the worker ends a job that takes too long, and not the database its transaction

# Waits for whoever else does the same job just now, and finds out how that ended.
_MARK = text("""
    INSERT INTO treaty.job_done (job_id, tenant, at) VALUES (:job_id, :tenant, :now) ON CONFLICT (job_id) DO NOTHING
""")
_KEEP = text("UPDATE treaty.job_done SET at = :now, output = CAST(:output AS jsonb) WHERE job_id = :job_id")
_GIVE_TIME = text("""
    SELECT set_config('statement_timeout', :milliseconds, true),
           set_config('idle_in_transaction_session_timeout', :milliseconds, true)
""")


async def carry_out(service: Service, task: AnyTask, attempt: Attempt) -> bool:
    """Do the job, unless it has been done: say whether it was. Raises whatever the implementation raises.

    Raises `ContractBroken` for an output or an event that the contract does not promise, `pydantic.ValidationError`
    for an input that does not fit the contract any more.
    """
    payload = task.job.input.model_validate_json(json.dumps(attempt.input), by_alias=True, by_name=False)
    if isinstance(task, SystemTask):
        return await _as_system(service, task, attempt, payload)
    return await _for_tenant(service, task, attempt, payload)


async def _as_system(service: Service, task: SystemTask[Any, Any], attempt: Attempt, payload: Shape) -> bool:
    async with service.database.system() as system:
        await _give_time(system, task.job.timeout)
        if not await _mark(system, attempt, service.clock.now()):
            return False
        output = check_output(task.job, await task.implementation(service, system, payload))
        await _keep(system, attempt, service.clock.now(), output)
    return True


async def _for_tenant(service: Service, task: Task[Any, Any], attempt: Attempt, payload: Shape) -> bool:
    job, now = task.job, service.clock.now()
    async with service.database.transaction(tenant=attempt.tenant, now=now) as session:
        connection = await session.connection()
        await _give_time(connection, job.timeout)
        if not await _mark(connection, attempt, now):
            return False
        principal = Principal("job", job.key)
        uow = UnitOfWork(
            session=session,
            principal=principal,
            tenant_id=attempt.tenant,
            now=now,
            request_id=attempt.request_id,
            rows=session.info["rows"],
            settings=service.settings,
            job_id=attempt.job_id,
        )
        output = check_output(job, await task.implementation(uow, payload))
        events = encode_events(job, uow.events)
        if attempt.tenant is None:
            await enqueue_for_tenants(session, uow.orders)
        async with ending(session):
            await put_into_outbox(session, [(uow, *event) for event in events])
            await enqueue(session, uow.orders if attempt.tenant else ())
            await _keep(connection, attempt, service.clock.now(), output)
            await audit_job_done(session, attempt, now)
    service.metrics.job_counted(job.key, uow.counts)
    return True


async def _give_time(connection: AsyncConnection, allowed: timedelta) -> None:
    milliseconds = round((allowed + GRACE).total_seconds() * 1000)
    await connection.execute(_GIVE_TIME, {"milliseconds": str(milliseconds)})


async def _mark(connection: AsyncConnection, attempt: Attempt, now: datetime) -> bool:
    values = {"job_id": attempt.job_id, "tenant": attempt.tenant, "now": now}
    return (await connection.execute(_MARK, values)).rowcount == 1


async def _keep(connection: AsyncConnection, attempt: Attempt, now: datetime, output: bytes) -> None:
    shown = json.dumps(without(json.loads(output), attempt.job.sensitive_output))
    await connection.execute(_KEEP, {"job_id": attempt.job_id, "now": now, "output": shown})
