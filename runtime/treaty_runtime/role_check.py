"""Refuses roles that row-level security does not hold: superusers, BYPASSRLS, owners of tables."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from treaty_runtime.errors import DatabaseError

__all__ = ["check_role", "unreachable"]

# `pg_has_role(..., 'MEMBER')` also counts roles that it could switch to with SET ROLE.
POWERS = text("""
    SELECT
        current_user,
        EXISTS (SELECT FROM pg_roles WHERE rolsuper AND pg_has_role(current_user, oid, 'MEMBER')),
        EXISTS (SELECT FROM pg_roles WHERE rolbypassrls AND pg_has_role(current_user, oid, 'MEMBER')),
        EXISTS (
            SELECT FROM pg_class
            WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'treaty'))
            AND relkind IN ('r', 'p') AND pg_has_role(current_user, relowner, 'MEMBER')
        )
""")


async def check_role(engine: AsyncEngine, variable: str) -> None:
    """Connect once, and raise `DatabaseError` when that fails or the role may more than a service should."""
    try:
        async with engine.connect() as connection:
            role, superuser, bypasses, owns = (await connection.execute(POWERS)).one()
    except DBAPIError as error:
        raise unreachable(variable, engine.url, error) from error
    power = "is a superuser" if superuser else "may bypass row-level security" if bypasses else "owns tables"
    if superuser or bypasses or owns:
        raise DatabaseError(
            f"{variable} connects as {role}, which {power}, so it would see the rows of every tenant. "
            "Use the role treaty_app for DATABASE_URL and treaty_system for DATABASE_SYSTEM_URL."
        )


def unreachable(variable: str, url: URL, error: DBAPIError) -> DatabaseError:
    """What to say when a database cannot be reached; the password is left out."""
    reason = " ".join(str(error.orig).split()).rstrip(".?")
    where = url.set(drivername="postgresql").render_as_string(hide_password=True)
    return DatabaseError(f"{variable}: no connection to {where}: {reason}. Start the database, or correct {variable}.")
