"""procrastinate, as it works for a service: its worker takes what is due and has it carried out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from time import perf_counter
from typing import Any

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.jobs import Job as QueuedJob
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from treaty_runtime.clock import Clock
from treaty_runtime.jobs.attempts import Attempt
from treaty_runtime.jobs.carrying_out import carry_out
from treaty_runtime.jobs.descriptor import AnyTask
from treaty_runtime.jobs.failures import record_failure, told
from treaty_runtime.jobs.manager import DueJobManager
from treaty_runtime.jobs.orders import QUEUE
from treaty_runtime.jobs.rescuing import HEARTBEAT_SECONDS, STALLED_SECONDS
from treaty_runtime.logging import failure
from treaty_runtime.observability.background import traced_job
from treaty_runtime.service import Service

__all__ = ["Queue"]

POLL_SECONDS = 2.0  # for jobs that have become due, and for those whose notification was lost
PAUSE_SECONDS = 1.0  # before a worker that lost the database comes back

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.jobs")


class _Failed(Exception):
    """A try failed. `due_at` is when the job is tried again; `None`: never."""

    def __init__(self, due_at: datetime | None) -> None:
        super().__init__("the failure is noted with the job")
        self.due_at = due_at


class _AsNoted(BaseRetryStrategy):
    """What was noted with the failure decides; what the worker's end interrupted is tried again at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:  # noqa: ARG002
        """When to try again; `None` for never."""
        if not isinstance(exception, _Failed):
            return RetryDecision(retry_at=self._clock.now())
        return RetryDecision(retry_at=exception.due_at) if exception.due_at else None


class Queue:
    """The jobs of one service. `Queue.open` connects."""

    def __init__(self, service: Service, tasks: Sequence[AnyTask]) -> None:
        """Use `open` instead."""
        self._service = service
        self._worker: asyncio.Task[None] | None = None
        self._tries = 0
        self._app = self._procrastinate(tasks)

    @classmethod
    @asynccontextmanager
    async def open(cls, service: Service, tasks: Sequence[AnyTask]) -> AsyncIterator[Queue]:
        """Connect as the system role while the block runs."""
        queue = cls(service, tasks)
        async with queue._app.open_async():
            yield queue

    async def drain(self) -> int:
        """Carry out everything that is due, one job after the other, and return how many tries that were."""
        before = self._tries
        await self._app.run_worker_async(wait=False, concurrency=1, listen_notify=False, install_signal_handlers=False)
        return self._tries - before

    async def run(self, stop: asyncio.Event) -> None:
        """Carry out jobs until `stop` is set; then those that run have the time of a shutdown to end.

        Those that have not ended by then are put back. A worker that loses the database comes back under a new name.
        """
        while not stop.is_set():
            self._worker = asyncio.create_task(self._work())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait((self._worker, stopping), return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            self._worker.cancel()
            await self._ended(self._worker)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)

    async def _work(self) -> None:
        await self._app.run_worker_async(
            concurrency=self._service.settings.jobs_concurrency,
            fetch_job_polling_interval=POLL_SECONDS,
            shutdown_graceful_timeout=self._service.settings.shutdown_timeout,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            install_signal_handlers=False,
        )

    async def _ended(self, worker: asyncio.Task[None]) -> None:
        try:
            await worker
        except asyncio.CancelledError:
            pass
        except Exception as error:
            log.error("queue_lost", **failure(error))  # noqa: TRY400 - it is all there

    def _lost(self) -> None:
        """The worker has to come back under a new name, so that what it held is found to be nobody's."""
        if self._worker is not None:
            self._worker.cancel()

    def _procrastinate(self, tasks: Sequence[AnyTask]) -> App:
        settings, urls = self._service.settings, self._service.database.urls
        connector = PsycopgConnector(
            conninfo=urls.system,
            kwargs={"application_name": "treaty", "connect_timeout": 10, "options": "-c search_path=treaty"},
            min_size=1,
            max_size=settings.jobs_concurrency
            + 2,  # each tells how it ended; the worker fetches and shows that it lives
            timeout=settings.database_pool_timeout,
        )
        app = App(connector=connector)
        app.job_manager = DueJobManager(connector, self._service.clock, [task.job.key for task in tasks], self._lost)
        retry = _AsNoted(self._service.clock)
        for task in tasks:
            app.task(name=task.job.key, queue=QUEUE, pass_context=True, retry=retry)(self._runner(task))
        return app

    def _runner(self, task: AnyTask) -> Any:
        async def run(context: JobContext, **arguments: Any) -> None:
            assert context.job.id is not None  # noqa: S101 - it was fetched
            self._tries += 1
            await self._try(task, Attempt.of(context.job.id, task.job, arguments))

        return run

    async def _try(self, task: AnyTask, attempt: Attempt) -> None:
        started, time = perf_counter(), asyncio.timeout(task.job.timeout.total_seconds())
        try:
            async with time:
                with traced_job(self._service.tracing, attempt):
                    done = await carry_out(self._service, task, attempt)
        except Exception as error:
            late = TimeoutError(f"it took longer than {task.job.timeout}") if time.expired() else None
            raise _Failed(await self._failed(attempt, late or error)) from None
        took = round((perf_counter() - started) * 1000, 2)
        log.info("job_done" if done else "job_was_done", duration_ms=took, **attempt.facts())

    async def _failed(self, attempt: Attempt, error: Exception) -> datetime | None:
        async with self._service.database.system() as system:
            setback = await record_failure(system, self._service.clock, attempt, told(error, attempt))
        said = {**attempt.facts(), "failures": setback.failures, **failure(error, attempt.secrets())}
        if setback.due_at is None:
            log.error("job_given_up", **said)
        else:
            log.warning("job_failed", due_at=setback.due_at.isoformat(), **said)
        return setback.due_at
