"""What is in the queue, for those who look after it: what waits, runs, was done, was given up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.errors import OperatorError
from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.sensitive import without
from treaty_runtime.service import Service

__all__ = ["State", "WaitingJob", "discard", "jobs_in", "one_job", "retry"]

State = Literal["waiting", "running", "failed", "done"]
STATES: dict[State, tuple[str, ...]] = {
    "waiting": ("todo",),
    "running": ("doing",),
    "failed": ("failed", "cancelled", "aborted"),
    "done": ("succeeded",),
}

_SELECT = """
    SELECT job.id, job.task_name, job.status, job.args, job.scheduled_at,
        failure.at AS failed_at, failure.attempts, failure.error, done.at AS done_at, done.output
    FROM treaty.procrastinate_jobs AS job
    LEFT JOIN treaty.job_failure AS failure ON failure.job_id = job.id
    LEFT JOIN treaty.job_done AS done ON done.job_id = job.id
"""
_LIST = text(f"""{_SELECT}
    WHERE job.status::text = ANY (:statuses) AND (CAST(:key AS text) IS NULL OR job.task_name = :key)
    ORDER BY job.id DESC LIMIT :most
""")
_ONE = text(f"{_SELECT} WHERE job.id = :id")
_RETRY = text("""
    UPDATE treaty.procrastinate_jobs SET status = 'todo', scheduled_at = NULL
    WHERE id = :id AND (status IN ('failed', 'cancelled', 'aborted') OR (status = 'todo' AND scheduled_at IS NOT NULL))
    RETURNING queue_name
""")
# It has all its attempts again.
_FORGET_FAILURES = text("UPDATE treaty.job_failure SET attempts = 0 WHERE job_id = :id")
_WAKE = text("SELECT pg_notify('procrastinate_any_queue_v1', CAST(:notification AS text))")
_DISCARD = text("DELETE FROM treaty.procrastinate_jobs WHERE id = :id AND status NOT IN ('doing', 'succeeded')")


class JobError(OperatorError):
    """What was asked of a job cannot be done."""


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job as the queue knows it; `input` and `output` show nothing sensitive. `due_at`: `None` for at once."""

    id: int
    key: str
    state: State
    tenant: str | None
    request_id: str
    input: Any
    due_at: datetime | None
    failures: int
    failed_at: datetime | None
    error: str | None
    done_at: datetime | None
    output: Any


async def jobs_in(service: Service, states: list[State], key: str | None, most: int) -> list[WaitingJob]:
    """The newest jobs in these states; all states when none is named."""
    statuses = [status for state in states or get_args(State) for status in STATES[state]]
    async with service.database.system() as system:
        rows = (await system.execute(_LIST, {"statuses": statuses, "key": key, "most": most})).all()
    known = {job.key: job for job in service.definition.queued}
    return [_shown(row, known) for row in rows]


async def one_job(service: Service, job_id: int) -> WaitingJob:
    """One job. Raises `OperatorError` when there is none."""
    async with service.database.system() as system:
        row = (await system.execute(_ONE, {"id": job_id})).first()
    if row is None:
        raise JobError(f"There is no job {job_id}: it was discarded, or done and forgotten. See `treaty jobs list`.")
    return _shown(row, {job.key: job for job in service.definition.queued})


async def retry(service: Service, job_id: int) -> WaitingJob:
    """Have a job tried again at once, as often as its contract says. Raises `OperatorError` when it is not to be."""
    job = await one_job(service, job_id)
    try:
        async with service.database.system() as system:
            if (await system.execute(_RETRY, {"id": job_id})).first() is None:
                raise JobError(f"Job {job_id} is {job.state}, so there is nothing to retry.")
            await system.execute(_FORGET_FAILURES, {"id": job_id})
            await _wake(system, job_id)
    except IntegrityError as error:
        raise JobError(
            f"Another {job.key} waits or runs already, and only one of it may. Discard {job_id}, or wait."
        ) from error
    return await one_job(service, job_id)


async def discard(service: Service, job_id: int) -> WaitingJob:
    """Give a job up for good. Raises `OperatorError` while it runs, and when it is done."""
    job = await one_job(service, job_id)
    async with service.database.system() as system:
        if (await system.execute(_DISCARD, {"id": job_id})).rowcount == 0:
            raise JobError(f"Job {job_id} is {job.state}: it can't be discarded.")
    return job


async def _wake(system: AsyncConnection, job_id: int) -> None:
    await system.execute(_WAKE, {"notification": json.dumps({"type": "job_inserted", "job_id": job_id})})


def _shown(row: Row[Any], known: Mapping[str, Job[Any, Any]]) -> WaitingJob:
    job = known.get(row.task_name)
    return WaitingJob(
        id=row.id,
        key=row.task_name,
        state=next(state for state, statuses in STATES.items() if row.status in statuses),
        tenant=row.args["tenant"],
        request_id=row.args["request_id"],
        # What no contract describes any more may be sensitive, all of it.
        input=without(row.args["input"], job.sensitive) if job else None,
        due_at=row.scheduled_at,
        failures=row.attempts or 0,
        failed_at=row.failed_at,
        error=row.error,
        done_at=row.done_at,
        output=row.output,
    )
