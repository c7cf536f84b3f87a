"""procrastinate's job manager, by this service's clock and for the jobs that this version knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import LiteralString

import psycopg
import structlog
from procrastinate.connector import BaseConnector
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from treaty_runtime.clock import Clock

__all__ = ["DueJobManager"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.jobs")

# What procrastinate's own query does, except that the clock says what is due and that jobs of newer versions are left
# to newer workers. A job that waits for its lock waits behind those that were enqueued before it.
_FETCH: LiteralString = """
    WITH next AS (
        SELECT job.id FROM treaty.procrastinate_jobs AS job
        WHERE job.status = 'todo' AND job.task_name = ANY (%(known)s)
            AND (job.scheduled_at IS NULL OR job.scheduled_at <= %(now)s)
            AND NOT EXISTS (
                SELECT FROM treaty.procrastinate_jobs AS other
                WHERE other.lock = job.lock
                    AND (other.status = 'doing' OR (other.status = 'todo' AND other.id < job.id))
            )
        ORDER BY job.priority DESC, job.id LIMIT 1
        FOR NO KEY UPDATE OF job SKIP LOCKED
    )
    UPDATE treaty.procrastinate_jobs AS job SET status = 'doing', worker_id = %(worker_id)s
    FROM next WHERE job.id = next.id
    RETURNING job.id, job.status, job.task_name, job.priority, job.lock, job.queueing_lock, job.args,
        job.scheduled_at, job.queue_name, job.attempts, job.worker_id
"""


class DueJobManager(JobManager):
    """Fetches what is due. `on_lost` is called when the queue could not be told how a job ended."""

    def __init__(
        self, connector: BaseConnector, clock: Clock, known: Collection[str], on_lost: Callable[[], None]
    ) -> None:
        super().__init__(connector)
        self._clock = clock
        self._known = list(known)
        self._on_lost = on_lost

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:  # noqa: ARG002 - there is one
        """Take the first job that is due."""
        values = {"known": self._known, "now": self._clock.now(), "worker_id": worker_id}
        rows = await self.connector.execute_query_all_async(query=_FETCH, **values)
        return Job.from_row(rows[0]) if rows else None

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:  # noqa: FBT001 - procrastinate's
        """Note that a job is done, or given up."""
        await self._told(super().finish_job(job, status, delete_job))

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job back."""
        await self._told(super().retry_job(job, retry_at, priority, queue, lock))

    async def _told(self, telling: Awaitable[None]) -> None:
        try:
            await telling
        except Exception as error:
            if isinstance(error.__cause__, psycopg.errors.RaiseException):
                log.warning("job_ended_elsewhere")  # this worker was taken for dead, and another one has done it
                return
            self._on_lost()
            raise
