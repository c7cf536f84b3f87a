"""Jobs whose worker died: put back, unless they were done or have failed too often by now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.jobs.attempts import Attempt
from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.jobs.failures import record_failure
from treaty_runtime.logging import failure
from treaty_runtime.service import Service

__all__ = ["HEARTBEAT_SECONDS", "STALLED_SECONDS", "rescue", "rescue_until"]

HEARTBEAT_SECONDS = 10.0
STALLED_SECONDS = 30.0  # without a sign of life from its worker
EVERY_SECONDS = 10.0
ERROR = "the worker ended while it ran"

# The database's own time: workers show that they live by it, whatever the clocks of their machines say.
_STALLED = text("""
    SELECT job.id, job.task_name, job.args,
        EXISTS (SELECT FROM treaty.job_done AS done WHERE done.job_id = job.id) AS done
    FROM treaty.procrastinate_jobs AS job
    LEFT JOIN treaty.procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND job.task_name = ANY (:known)
        AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => :stalled))
    FOR NO KEY UPDATE OF job SKIP LOCKED
""")
_SETTLE = text("""
    UPDATE treaty.procrastinate_jobs
    SET status = CAST(:status AS treaty.procrastinate_job_status), worker_id = NULL, scheduled_at = :due_at,
        attempts = attempts + 1
    WHERE id = :id
""")

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.jobs")


async def rescue(service: Service, jobs: Mapping[str, Job[Any, Any]], stalled_seconds: float = STALLED_SECONDS) -> int:
    """Take care of the jobs whose workers gave no sign of life, and return how many those were."""
    async with service.database.system() as system:
        rows = (await system.execute(_STALLED, {"known": list(jobs), "stalled": stalled_seconds})).all()
        for row in rows:
            attempt = Attempt.of(row.id, jobs[row.task_name], row.args)
            status, due_at = ("succeeded", None) if row.done else await _failed(system, service, attempt)
            await system.execute(_SETTLE, {"id": row.id, "status": status, "due_at": due_at})
            log.warning("job_rescued", status=status, **attempt.facts())
    return len(rows)


async def _failed(system: AsyncConnection, service: Service, attempt: Attempt) -> tuple[str, datetime | None]:
    # It counts as a failure: a job that kills its workers must come to an end.
    setback = await record_failure(system, service.clock, attempt, ERROR)
    return ("todo" if setback.due_at else "failed"), setback.due_at


async def rescue_until(stop: asyncio.Event, service: Service, jobs: Mapping[str, Job[Any, Any]]) -> None:
    """Look for such jobs every few seconds until `stop` is set."""
    while not stop.is_set():
        try:
            await rescue(service, jobs)
        except Exception as error:
            log.error("rescue_failed", **failure(error))  # noqa: TRY400 - it is all there
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
