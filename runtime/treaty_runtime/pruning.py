"""Forgets what nobody asks for any more: expired answers, full buckets, old attempts, events and jobs long done.

With them go the rows that contracts keep for a while only.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from treaty_runtime.clock import Clock
from treaty_runtime.database import Database
from treaty_runtime.deleting import delete_until
from treaty_runtime.failed_attempts import WINDOW
from treaty_runtime.jobs.pruning import prune_jobs
from treaty_runtime.logging import failure
from treaty_runtime.rate_limit import LONGEST_PERIOD
from treaty_runtime.retention import retain

__all__ = ["prune", "prune_until"]

EVERY_SECONDS = 600.0

# Table, the column that says how old a row is, and how old it may become.
KEPT = (
    ("treaty.idempotency", "expires_at", timedelta(0)),
    ("treaty.rate_limit", "updated_at", LONGEST_PERIOD),
    ("treaty.failed_attempt", "window_started_at", WINDOW),
    ("treaty.outbox", "published_at", timedelta(days=7)),
    ("treaty.webhook_delivery", "forget_at", timedelta(0)),
)

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.pruning")


async def prune(database: Database, clock: Clock) -> int:
    """Delete everything that is old enough, keep up partitions, and return how many rows were deleted."""
    now = clock.now()
    pruned = [await delete_until(database, table, column, now - age) for table, column, age in KEPT]
    return sum(pruned) + await prune_jobs(database, clock) + await retain(database, clock)


async def prune_until(stop: asyncio.Event, database: Database, clock: Clock) -> None:
    """Prune now and every few minutes until `stop` is set."""
    while not stop.is_set():
        try:
            pruned = await prune(database, clock)
            log.info("pruned", rows=pruned)
        except Exception as error:
            log.error("pruning_failed", **failure(error))  # noqa: TRY400 - it is all there
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)
