"""Applies revisions: the runtime's own first, then the application's, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.operations import Operations
from alembic.script import Script
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from treaty_runtime.addresses import sqlalchemy_url
from treaty_runtime.clock import SystemClock
from treaty_runtime.errors import MigrationError
from treaty_runtime.migrations.history import SCHEMA, History, application_history, runtime_history
from treaty_runtime.role_check import unreachable
from treaty_runtime.roles import APP, SYSTEM

__all__ = ["downgrade", "upgrade"]

LOCK = 0x7472656174  # any number, as long as every `treaty upgrade` takes the same
OLDEST_POSTGRES = 15


def downgrade(owner_url: str, migrations_dir: Path) -> str | None:
    """Take the application's newest revision back; say which it was, `None` when there is none.

    Raises `MigrationError` when data would be lost.
    """
    history = application_history(migrations_dir)
    with _locked(owner_url) as connection:
        _prepare(connection)
        context = history.context(connection)
        with connection.begin():
            current = context.get_current_revision()
        if current is None:
            return None
        script = history.revision(current)
        with _explained(script, "taken back"), connection.begin(), Operations.context(context):
            script.module.downgrade()
            history.stamp(context, history.parent(script))
        return _shown(script)


def upgrade(owner_url: str, migrations_dir: Path) -> list[str]:
    """Bring a database to the newest revisions; say which were applied, runtime's own first.

    A second upgrade at the same time waits for the first and finds nothing left to do. A revision that fails leaves
    nothing behind, and those before it stay. Raises `MigrationError`, or `DatabaseError` without a connection.
    """
    applied: list[str] = []
    with _locked(owner_url) as connection:
        _prepare(connection)
        for history in (runtime_history(), application_history(migrations_dir)):
            applied += _apply_pending(connection, history)
        _make_partitions(connection)
    return applied


def _make_partitions(connection: Connection) -> None:
    """Have the partitions that begin soon: new tables have none, and the worker may not be there yet."""
    try:
        with connection.begin():
            connection.execute(text("SELECT treaty.make_partitions(:now)"), {"now": SystemClock().now()})
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):  # the service is busy: the worker comes back to it
            raise


@contextmanager
def _locked(owner_url: str) -> Iterator[Connection]:
    engine = create_engine(sqlalchemy_url(owner_url), poolclass=NullPool, connect_args={"connect_timeout": 10})
    try:
        connection = engine.connect()
    except DBAPIError as error:
        raise unreachable("DATABASE_OWNER_URL", engine.url, error) from error
    with connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})  # until the connection is closed
        connection.commit()
        yield connection


def _prepare(connection: Connection) -> None:
    """Check the server and its roles, and make the schema that the version tables are in."""
    with connection.begin():
        version = int(connection.scalar(text("SHOW server_version_num"))) // 10000
        if version < OLDEST_POSTGRES:
            raise MigrationError(f"The database is PostgreSQL {version}; {OLDEST_POSTGRES} or newer is needed.")
        roles = set(connection.scalars(text("SELECT rolname FROM pg_roles")))
        missing = [role for role in (APP, SYSTEM) if role not in roles]
        if missing:
            statements = " ".join(f"CREATE ROLE {role} LOGIN PASSWORD '…';" for role in missing)
            raise MigrationError(
                f"The database has no role {' and no role '.join(missing)}. Have an administrator run: {statements}"
            )
        if not connection.scalar(text("SELECT to_regnamespace(:schema) IS NOT NULL"), {"schema": SCHEMA}):
            connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))


def _apply_pending(connection: Connection, history: History) -> Iterator[str]:
    context = history.context(connection)
    with connection.begin():
        current = context.get_current_revision()
    for script in history.after(current):
        with _explained(script, "applied"), connection.begin(), Operations.context(context):
            script.module.upgrade()
            history.stamp(context, script.revision)
            # The service reads it, to say that it waits for an upgrade.
            connection.execute(text(f"GRANT SELECT ON {SCHEMA}.{history.table} TO {APP}, {SYSTEM}"))
        yield _shown(script)


def _shown(script: Script) -> str:
    return f"{script.revision} {script.doc}"


@contextmanager
def _explained(script: Script, what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # revisions are Python, written or edited by hand: they may raise anything
        reason = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split()).rstrip(".")
        raise MigrationError(
            f"Revision {script.revision} ({script.path}) cannot be {what}: {reason}. "
            "The database is as it was before this revision. Correct its rows or the revision, and try again."
        ) from error
