"""Deletes old rows a batch at a time, as the system role."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from treaty_runtime.database import Database

__all__ = ["delete_until"]

BATCH = 10_000  # so that no statement runs for long, however much there is


async def delete_until(database: Database, table: str, column: str, last: datetime) -> int:
    """Delete the rows of `table` whose time in `column` is not after `last`, and return how many those were.

    Each batch is committed. The names come from the service or its database, quoted where they have to be.
    """
    some_old = f"SELECT ctid FROM {table} WHERE {column} <= :last LIMIT {BATCH}"  # noqa: S608 - see above
    statement = text(f"DELETE FROM {table} WHERE ctid = ANY (ARRAY({some_old}))")  # noqa: S608 - see above
    total = 0
    while True:
        async with database.system() as system:
            deleted = (await system.execute(statement, {"last": last})).rowcount
        total += deleted
        if deleted < BATCH:
            return total
