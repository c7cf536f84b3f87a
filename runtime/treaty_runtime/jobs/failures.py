"""What went wrong with a job, kept until it is done or discarded: what was said, without anything sensitive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.audit import audit_job_failed
from treaty_runtime.clock import Clock
from treaty_runtime.jobs.attempts import Attempt, next_try
from treaty_runtime.logging import failure

__all__ = ["Setback", "record_failure", "told"]

LONGEST_ERROR = 2000

_RECORD = text("""
    INSERT INTO treaty.job_failure AS known (job_id, at, attempts, error) VALUES (:job_id, :now, 1, :error)
    ON CONFLICT (job_id) DO UPDATE SET at = excluded.at, attempts = known.attempts + 1, error = excluded.error
    RETURNING attempts
""")


@dataclass(frozen=True, slots=True)
class Setback:
    """A failure that was noted: how often the job has failed, and when it is tried again, if it is."""

    failures: int
    due_at: datetime | None


async def record_failure(system: AsyncConnection, clock: Clock, attempt: Attempt, error: str) -> Setback:
    """Note that a try failed."""
    now = clock.now()
    values = {"job_id": attempt.job_id, "now": now, "error": error}
    failures: int = (await system.execute(_RECORD, values)).scalar_one()
    await audit_job_failed(system, attempt, now)
    return Setback(failures, next_try(attempt.job, failures, now))


def told(error: BaseException, attempt: Attempt) -> str:
    """An exception in one line that shows nothing sensitive."""
    said = failure(error, attempt.secrets())
    return f"{said['error']}: {said['message']}"[:LONGEST_ERROR]
