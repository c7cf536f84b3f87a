"""Forgets what nobody asks for any more: expired answers, full buckets, old attempts, events and jobs long done."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog
from sqlalchemy import text

from treaty_runtime.clock import Clock
from treaty_runtime.database import Database
from treaty_runtime.failed_attempts import WINDOW
from treaty_runtime.jobs.pruning import prune_jobs
from treaty_runtime.logging import failure
from treaty_runtime.rate_limit import LONGEST_PERIOD

__all__ = ["prune", "prune_until"]

EVERY_SECONDS = 600.0
BATCH = 10_000  # so that no statement runs for long, however much there is

# Table, the column that says how old a row is, and how old it may become.
KEPT = (
    ("treaty.idempotency", "expires_at", timedelta(0)),
    ("treaty.rate_limit", "updated_at", LONGEST_PERIOD),
    ("treaty.failed_attempt", "window_started_at", WINDOW),
    ("treaty.outbox", "published_at", timedelta(days=7)),
)

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.pruning")


async def prune(database: Database, clock: Clock) -> int:
    """Delete everything that is old enough, and return how many rows that were."""
    return sum([await _prune_table(database, clock, *kept) for kept in KEPT]) + await prune_jobs(database, clock)


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


async def _prune_table(database: Database, clock: Clock, table: str, column: str, age: timedelta) -> int:
    some_old = f"SELECT ctid FROM {table} WHERE {column} <= :before LIMIT {BATCH}"  # noqa: S608 - names from above
    statement = text(f"DELETE FROM {table} WHERE ctid = ANY (ARRAY({some_old}))")  # noqa: S608 - names from above
    total = 0
    while True:
        async with database.system() as system:
            deleted = (await system.execute(statement, {"before": clock.now() - age})).rowcount
        total += deleted
        if deleted < BATCH:
            return total
