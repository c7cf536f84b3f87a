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
    "outbox": text("SELECT count(*), min(occurred_at) FROM treaty.outbox WHERE published_at IS NULL"),
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
        waiting, since = (await system.execute(statement)).one()
        measured[name] = Queue(waiting, max(0.0, (now - since).total_seconds()) if since else 0.0)
    return measured
