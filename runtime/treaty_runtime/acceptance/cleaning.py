"""Empty tables for each scenario: one statement that forgets everything since the migrations."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["Cleaner"]

TABLES = text(
    """
    SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname IN ('public', 'treaty') AND relkind IN ('r', 'p') AND NOT relispartition
    ORDER BY 1
    """
)


class Cleaner:
    """Puts the database back to what the migrations left, rows that they filled shared tables with included."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._statement = ""

    async def learn(self) -> None:
        """Note which tables there are, and keep a copy of those that are not empty."""
        async with self._engine.begin() as connection:
            tables = list(await connection.scalars(TABLES))
            await connection.exec_driver_sql("CREATE SCHEMA treaty_verification")
            kept = []
            for number, table in enumerate(tables):
                if await connection.scalar(text(f"SELECT EXISTS (SELECT FROM {table})")):  # noqa: S608  quoted by format()
                    copy = f"treaty_verification.copy_{number}"
                    await connection.exec_driver_sql(f"CREATE TABLE {copy} AS TABLE {table}")
                    kept.append(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE {copy};")
        deletes = [f"DELETE FROM {table};" for table in tables]  # noqa: S608  quoted by format()
        # As a replica, so that neither foreign keys nor append-only triggers stand in the way.
        self._statement = " ".join(["SET LOCAL session_replication_role = replica;", *deletes, *kept])

    async def clean(self) -> None:
        """Forget everything that happened since."""
        async with self._engine.begin() as connection:
            await connection.exec_driver_sql(self._statement)
