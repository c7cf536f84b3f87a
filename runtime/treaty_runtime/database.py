"""The database as the service uses it: one pool for the app role, one for the system role."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from typing import Any, Self, cast
from uuid import UUID

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.addresses import database_urls, sqlalchemy_url
from treaty_runtime.concerned_rows import ConcernedRows, WatchedSession
from treaty_runtime.observability.pools import CountedPool
from treaty_runtime.role_check import check_role
from treaty_runtime.roles import DatabaseUrls
from treaty_runtime.settings import Settings

__all__ = ["Database", "ending"]

# Whoever asks how the service is gets an answer while all other connections are taken.
WATCHING_CONNECTIONS = 2
WATCHING_SECONDS = 5.0


class Database:
    """Transactions of the two roles. `Database.open(settings)` makes one; `close` gives everything back."""

    def __init__(self, urls: DatabaseUrls, settings: Settings, resources: ExitStack) -> None:
        """Use `open` instead. `resources` are let go when the database is closed."""
        self.urls = urls
        # Of transactions of the app role, BEGIN and COMMIT travel with other statements, and are written out below.
        self._app = _engine(urls.app, settings, isolation_level="AUTOCOMMIT")
        self._exporting = _engine(urls.app, _for_exporting(settings), isolation_level="AUTOCOMMIT")
        self._system = _engine(urls.system, settings)
        self._watching = _engine(urls.system, _for_watching(settings))
        self._lookups = self._system.execution_options(isolation_level="AUTOCOMMIT")
        self._resources = resources

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Connect as both roles; start the embedded server when no DATABASE_URL is set.

        Raises `EmbeddedPostgresError`, or `DatabaseError` when the database cannot be reached or a role may too much.
        """
        resources = ExitStack()
        urls = await asyncio.to_thread(resources.enter_context, database_urls(settings))
        database = cls(urls, settings, resources)
        try:
            await check_role(database._app, "DATABASE_URL")
            await check_role(database._system, "DATABASE_SYSTEM_URL")
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Close the pools, and stop using the embedded server."""
        await self._app.dispose()
        await self._exporting.dispose()
        await self._system.dispose()
        await self._watching.dispose()
        await asyncio.to_thread(self._resources.close)

    @asynccontextmanager
    async def transaction(
        self, *, tenant: UUID | None, now: datetime, question: str | None = None
    ) -> AsyncIterator[AsyncSession]:
        """One transaction of the app role, which sees the rows of `tenant` only; without one, shared tables only.

        Commits at the end, rolls back when an exception leaves it. `now` fills columns with `default: now`. A
        `question` travels with the beginning, at no cost; its rows are `answers` in the session's `info`.
        """
        async with _session(self._app, now) as session:
            await _begin(session, tenant, question)
            yield session
            if session.in_transaction():
                async with ending(session):
                    pass

    @asynccontextmanager
    async def snapshot(
        self, *, tenant: UUID | None, now: datetime, question: str | None = None
    ) -> AsyncIterator[AsyncSession]:
        """One transaction of the app role that only reads, and all of it as it was at its first statement.

        It may take long, so it has connections of its own: whatever else is asked does not wait for it.
        """
        async with _session(self._exporting, now) as session:
            await _begin(session, tenant, question, " ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield session

    @asynccontextmanager
    async def system(self) -> AsyncIterator[AsyncConnection]:
        """One transaction of the system role, on SQLAlchemy Core: commits at the end, rolls back on exceptions."""
        async with self._system.begin() as connection:
            yield connection

    @asynccontextmanager
    async def lookups(self) -> AsyncIterator[AsyncConnection]:
        """A connection of the system role, on which every statement is a transaction, and a round trip, of its own."""
        async with self._lookups.connect() as connection:
            yield connection

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[AsyncConnection]:
        """A transaction of the system role beside its pool, which is there when that is exhausted. Gives up early."""
        async with self._watching.begin() as connection:
            yield connection

    @property
    def pools(self) -> dict[str, CountedPool]:
        """The pools that work is done with, by role; that for exports connects as the app role, too."""
        return {role: cast("CountedPool", engine.pool) for role, engine in self.engines.items()}

    @property
    def engines(self) -> dict[str, AsyncEngine]:
        """The engines that work is done with, by what for."""
        return {"app": self._app, "export": self._exporting, "system": self._system}


@asynccontextmanager
async def ending(session: AsyncSession) -> AsyncIterator[None]:
    """The last statements of a transaction, sent together with its COMMIT: one round trip. None is asked for its rows.

    What the session has not written yet is written before. When a statement fails, the end of the block raises, and
    nothing of the transaction stays.
    """
    await session.flush()
    driver = await _driver(session)
    async with driver.pipeline():
        yield
        committed = await driver.execute("COMMIT")
    if committed.statusmessage != "COMMIT":
        raise psycopg.errors.InFailedSqlTransaction("a statement failed, and whoever sent it went on as if it had not")
    await session.commit()  # in its own books


class StampingSession(WatchedSession):
    """Fills columns that the contract gives `default: now` from the transaction's clock, never from another."""


@event.listens_for(StampingSession, "before_flush")
def _stamp(session: Session, *_: Any) -> None:
    for row in session.new:
        for column in getattr(row, "STAMPED", ()):
            if getattr(row, column) is None:
                setattr(row, column, session.info["now"])


def _session(engine: AsyncEngine, now: datetime) -> AsyncSession:
    info = {"now": now, "rows": ConcernedRows()}
    return AsyncSession(engine, sync_session_class=StampingSession, expire_on_commit=False, info=info)


async def _begin(session: AsyncSession, tenant: UUID | None, question: str | None, manner: str = "") -> None:
    """Begin the transaction and say whose it is. A connection that died in the pool is replaced once, unnoticed."""
    statements = f"BEGIN{manner}; SELECT set_config('app.tenant', '{tenant or ''}', true)"  # together: one round trip
    if question is not None:
        statements = f"{statements}; {question}"
    try:
        begun = await (await _driver(session)).execute(statements, prepare=False)
    except psycopg.OperationalError:
        await session.invalidate()
        begun = await (await _driver(session)).execute(statements, prepare=False)
    if question is not None:
        while begun.nextset():
            pass
        session.info["answers"] = await begun.fetchall()


async def _driver(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    connection = await (await session.connection()).get_raw_connection()
    return cast("psycopg.AsyncConnection[Any]", connection.driver_connection)


def _engine(url: str, settings: Settings, **more: Any) -> AsyncEngine:
    milliseconds = round(settings.statement_timeout * 1000)
    options = {
        "statement_timeout": milliseconds,
        "idle_in_transaction_session_timeout": milliseconds,
        "timezone": "UTC",
        # A service asks for few rows of many. PostgreSQL's own 4 stands for disks that turn: asked for a thousand keys,
        # it read half a million rows rather than an index.
        "random_page_cost": 1.1,
    }
    engine = create_async_engine(
        sqlalchemy_url(url),
        poolclass=CountedPool,
        pool_size=settings.database_pool_size,
        **more,
        max_overflow=0,
        pool_timeout=settings.database_pool_timeout,
        connect_args={
            "application_name": "treaty",
            "connect_timeout": 10,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_dead)
    return engine


def _for_exporting(settings: Settings) -> Settings:
    return settings.model_copy(update={"database_pool_size": settings.database_export_connections})


def _for_watching(settings: Settings) -> Settings:
    patience = min(WATCHING_SECONDS, settings.statement_timeout)
    return settings.model_copy(
        update={
            "database_pool_size": WATCHING_CONNECTIONS,
            "database_pool_timeout": patience,
            "statement_timeout": patience,
        }
    )


def _refuse_dead(connection: Any, *_: Any) -> None:
    """Have the pool replace a connection that the server has closed meanwhile. Asks the socket, not the server."""
    server = connection.driver_connection.pgconn
    try:
        server.consume_input()  # the server's last words
        server.consume_input()  # the end
    except psycopg.OperationalError as error:
        raise DisconnectionError from error
