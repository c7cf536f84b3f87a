"""Jobs that follow events: of each event in the outbox they are enqueued once, in the order of the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Row

from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.jobs.orders import Order

__all__ = ["Subscribers"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.jobs")


@dataclass(frozen=True, slots=True)
class _Subscriber:
    job: Job[Any, Any]
    event: str
    once: str | None


class Subscribers:
    """The jobs that follow events. `events` are those that are followed, each as its key and major version."""

    def __init__(self, jobs: Iterable[Job[Any, Any]]) -> None:
        self._subscribers = [_subscriber(job, job.on.KEY, job.on.VERSION) for job in jobs if job.on]
        self.events = sorted({subscriber.event for subscriber in self._subscribers})

    def orders(self, row: Row[Any]) -> Iterator[Order]:
        """What an event of the outbox has done."""
        event = _named(row.key, row.version)
        for subscriber in self._subscribers:
            if subscriber.event == event:
                yield from _orders(subscriber, row)


def _subscriber(job: Job[Any, Any], key: str, version: str) -> _Subscriber:
    field = job.input.model_fields[job.once] if job.once else None
    return _Subscriber(job, _named(key, version), (field.alias or job.once) if field else None)


def _named(key: str, version: str) -> str:
    return f"{key}@{version.partition('.')[0]}"


def _orders(subscriber: _Subscriber, row: Row[Any]) -> Iterator[Order]:
    job, tenant = subscriber.job, row.tenant if subscriber.job.each_tenant else None
    if job.each_tenant and tenant is None:
        log.error("event_without_tenant", job=job.key, id=str(row.event_id))
        return
    # The payload is held against the job's contract when its turn comes: what does not fit must hold up nobody.
    once = f"{job.key} {tenant or ''} {row.payload.get(subscriber.once)}" if subscriber.once else None
    yield Order(
        job=job.key,
        tenant=tenant,
        input=row.payload,
        request_id=row.request_id,
        once=once,
        lock=f"{job.key} {row.tenant or ''}",
    )
