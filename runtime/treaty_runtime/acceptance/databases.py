"""A database for one verification: on an embedded PostgreSQL of its own, migrated, and dropped in the end."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from treaty_runtime.embedded import EmbeddedPostgres
from treaty_runtime.migrations.upgrade import upgrade
from treaty_runtime.roles import DatabaseUrls

__all__ = ["OwnDatabase", "own_database"]

PREFIX = "verification_"


@dataclass(frozen=True, slots=True, repr=False)
class OwnDatabase:
    """Where the three roles and the superuser find it."""

    urls: DatabaseUrls
    superuser: str


@contextmanager
def own_database(folder: Path, migrations: Path) -> Iterator[OwnDatabase]:
    """A new database on the server in `folder`, brought to the newest state by the real migrations."""
    name = f"{PREFIX}{os.getpid()}"
    with EmbeddedPostgres.start(folder, durable=False) as server:
        for leftover in _leftovers(server):
            server.drop_database(leftover)
        server.create_database(name)
        try:
            urls = server.urls(name)
            assert urls.owner is not None  # noqa: S101 - the embedded server knows all three
            upgrade(urls.owner, migrations)
            yield OwnDatabase(urls, server.superuser_url(name))
        finally:
            server.drop_database(name)


def _leftovers(server: EmbeddedPostgres) -> list[str]:
    """Databases of verifications that were killed: those whose process is gone."""
    with psycopg.connect(server.superuser_url("postgres"), autocommit=True) as connection:
        names = [name for (name,) in connection.execute("SELECT datname FROM pg_database")]
    found = (re.fullmatch(rf"{PREFIX}(\d+)", name) for name in names)
    return [match[0] for match in found if match and (int(match[1]) == os.getpid() or not _is_alive(int(match[1])))]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
