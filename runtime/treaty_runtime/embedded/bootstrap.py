"""What a fresh server needs before anybody works with it: the roles and a database. Done by its superuser."""

from __future__ import annotations

import psycopg
from psycopg import sql

from treaty_runtime.roles import APP, OWNER, SYSTEM

__all__ = ["DATABASE", "SUPERUSER", "create_database", "drop_database", "ensure_roles_and_database"]

SUPERUSER = "treaty_superuser"
DATABASE = "treaty"


def ensure_roles_and_database(superuser_url: str) -> None:
    """Create what is missing: a start that was killed half way is finished by the next one."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APP, SYSTEM):
            if role not in roles:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    if found is None:
        create_database(superuser_url, DATABASE)


def create_database(superuser_url: str, name: str, *, template: str | None = None) -> None:
    """Make a database that belongs to the owner role, empty or a copy of `template`."""
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template1")
    )
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(statement)


def drop_database(superuser_url: str, name: str) -> None:
    """Drop a database if it is there, and cut off whoever is connected to it."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
