"""Forgets jobs that were done long ago. Those that failed for good stay until somebody decides about them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from treaty_runtime.clock import Clock
from treaty_runtime.database import Database

__all__ = ["prune_jobs"]

KEPT = timedelta(days=7)
BATCH = 5_000  # so that no statement runs for long, however many there are

# What belongs to a job goes with it.
_DELETE = text("""
    DELETE FROM treaty.procrastinate_jobs WHERE status = 'succeeded' AND id = ANY (ARRAY(
        SELECT job_id FROM treaty.job_done WHERE at <= :before ORDER BY at LIMIT :batch
    ))
""")


async def prune_jobs(database: Database, clock: Clock) -> int:
    """Delete the jobs that are old enough, and return how many those were."""
    total = 0
    while True:
        async with database.system() as system:
            deleted = (await system.execute(_DELETE, {"before": clock.now() - KEPT, "batch": BATCH})).rowcount
        total += deleted
        if deleted < BATCH:
            return total
