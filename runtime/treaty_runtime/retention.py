"""Makes partitions ahead of time, and deletes what is older than its contract's `keep`.

The database notes in `treaty.lifecycle` which tables this is about; `treaty migrate` writes that. Deleting takes two
keys: the service's clock says what is old, and policies and functions of the owner let nothing go that is not old by
the database's clock too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from treaty_runtime.clock import Clock
from treaty_runtime.database import Database
from treaty_runtime.deleting import delete_until

__all__ = ["retain"]

MAKE = text("SELECT treaty.make_partitions(:now)")
DROP = text("SELECT treaty.drop_partition(:now)")
# Whole periods, where the rows are the keys of rows in partitions.
DELETED_BY_ROW = text("""
    SELECT format('%I.%I', 'public', table_name), format('%I', keep_after),
        CASE WHEN every IS NULL THEN :now - keep_for
        ELSE date_trunc(every, :now - keep_for, 'UTC') - interval '1 microsecond' END
    FROM treaty.lifecycle WHERE keep_for IS NOT NULL AND partition_by IS NULL ORDER BY table_name
""")

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.retention")


async def retain(database: Database, clock: Clock) -> int:
    """Make the partitions that begin soon, delete old rows, drop old partitions; return how many rows were deleted.

    Any number of workers may do it at once. A table that is in use for too long is left for the next time.
    """
    now = clock.now()
    with _unless_busy("making partitions"):
        await _make_partitions(database, now)
    deleted = await _delete_rows(database, now)
    # After the rows, among which are the keys: a key never leads to a row that is gone.
    with _unless_busy("dropping partitions"):
        await _drop_partitions(database, now)
    return deleted


@contextmanager
def _unless_busy(what: str) -> Iterator[None]:
    """Give up when a table can't be had for a moment: who adds rows waits behind whoever waits for it."""
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        log.warning("table_busy", put_off=what)


async def _make_partitions(database: Database, now: datetime) -> None:
    async with database.system() as system:
        # Rows in the default partition move, however many: given up half way, they would be more the next time.
        await system.execute(text("SET LOCAL statement_timeout = 0"))
        made = list(await system.scalars(MAKE, {"now": now}))
    if made:
        log.info("partitions_made", partitions=made)


async def _drop_partitions(database: Database, now: datetime) -> None:
    while True:  # each in a transaction of its own
        async with database.system() as system:
            dropped = await system.scalar(DROP, {"now": now})
        if dropped is None:
            return
        log.info("partition_dropped", partition=dropped)


async def _delete_rows(database: Database, now: datetime) -> int:
    async with database.system() as system:
        tables = (await system.execute(DELETED_BY_ROW, {"now": now})).all()
    return sum([await delete_until(database, table, after, last) for table, after, last in tables])
