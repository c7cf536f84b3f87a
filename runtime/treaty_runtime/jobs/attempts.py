"""One try at a job, and what there is to say of it."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.sensitive import texts_at

__all__ = ["Attempt", "next_try"]

LONGEST_PAUSE = timedelta(hours=12)
JITTER = 0.25  # of a pause, so that what failed together is not tried again together


@dataclass(frozen=True, slots=True)
class Attempt:
    """A job taken from the queue. `input` is JSON data as it waited there."""

    job_id: int
    job: Job[Any, Any]
    tenant: UUID | None
    request_id: str
    input: dict[str, Any]
    traceparent: str | None = None

    @classmethod
    def of(cls, job_id: int, job: Job[Any, Any], arguments: dict[str, Any]) -> Attempt:
        """What an order in the queue says."""
        tenant = UUID(arguments["tenant"]) if arguments["tenant"] else None
        return cls(job_id, job, tenant, arguments["request_id"], arguments["input"], arguments.get("traceparent"))

    def facts(self) -> dict[str, str | int | None]:
        """What the log may know of it."""
        tenant = str(self.tenant) if self.tenant else None
        return {"job": self.job.key, "job_id": self.job_id, "tenant": tenant, "request_id": self.request_id}

    def secrets(self) -> Collection[str]:
        """The sensitive texts of the input: they are blacked out wherever something is said about the job."""
        return list(texts_at(self.input, self.job.sensitive))


def next_try(job: Job[Any, Any], failures: int, now: datetime) -> datetime | None:
    """When a job that has failed so often is tried again: after pauses that double; `None` when it is not."""
    if failures >= job.attempts:
        return None
    doublings = min(failures - 1, 30)  # more would be too long for a timedelta
    pause: timedelta = min(job.backoff * 2**doublings, LONGEST_PAUSE)
    return now + pause * random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret
