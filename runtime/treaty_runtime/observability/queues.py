"""What waits: the queues of the whole service, measured in the database when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["QUEUES", "Queue", "measure_queues"]

# By the name that metrics and `/health/detailed` give it: a statement for the system role that answers how many wait,
# and since when the first of them does. Whatever keeps a queue in the database is added here.
QUEUES: Mapping[str, TextClause] = {
    "outbox": text("""
        SELECT count(*), min(occurred_at) FROM treaty.outbox WHERE published_at IS NULL AND given_up_at IS NULL
    """),
    "outbox_given_up": text("""
        SELECT count(*), min(given_up_at) FROM treaty.outbox WHERE published_at IS NULL AND given_up_at IS NOT NULL
    """),
    "jobs": text("""
        SELECT count(*), min(coalesce(j.scheduled_at, e.at))
        FROM treaty.procrastinate_jobs AS j
        LEFT JOIN treaty.procrastinate_events AS e ON e.job_id = j.id AND e.type = 'deferred'
        WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= :now)
    """),
    "jobs_failed": text("""
        SELECT count(*), min(f.at) FROM treaty.procrastinate_jobs AS j
        LEFT JOIN treaty.job_failure AS f ON f.job_id = j.id WHERE j.status = 'failed'
    """),
    "webhooks": text("""
        SELECT count(*), min(d.received_at) FROM treaty.webhook_delivery AS d
        LEFT JOIN treaty.procrastinate_jobs AS j ON j.id = d.job
        WHERE d.state = 'received' AND j.status IS DISTINCT FROM 'failed'
    """),
    "webhooks_unmatched": text("""
        SELECT count(*), min(received_at) FROM treaty.webhook_delivery WHERE state = 'unmatched'
    """),
    "webhooks_unreadable": text("""
        SELECT count(*), min(received_at) FROM treaty.webhook_delivery WHERE state = 'unreadable'
    """),
    "webhooks_given_up": text("""
        SELECT count(*), min(d.received_at) FROM treaty.webhook_delivery AS d
        JOIN treaty.procrastinate_jobs AS j ON j.id = d.job WHERE d.state = 'received' AND j.status = 'failed'
    """),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, and for how many seconds the first of them does."""

    waiting: int
    oldest_seconds: float


async def measure_queues(system: AsyncConnection, now: datetime) -> dict[str, Queue]:
    """Every queue by its name."""
    measured = {}
    for name, statement in QUEUES.items():
        waiting, since = (await system.execute(statement, {"now": now} if ":now" in statement.text else {})).one()
        measured[name] = Queue(waiting, max(0.0, (now - since).total_seconds()) if since else 0.0)
    return measured
