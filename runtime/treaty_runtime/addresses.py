"""Where the database is: what the settings say, or the embedded server, kept running while it is used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url

from treaty_runtime.embedded import EmbeddedPostgres
from treaty_runtime.errors import SettingsError
from treaty_runtime.roles import DatabaseUrls
from treaty_runtime.settings import Settings

__all__ = ["database_urls", "owner_url", "sqlalchemy_url"]


@contextmanager
def database_urls(settings: Settings) -> Iterator[DatabaseUrls]:
    """Where the roles find the database; the embedded server is up as long as the context is open."""
    app, system, owner = settings.database_url, settings.database_system_url, settings.database_owner_url
    if app is None or system is None:  # both or none: the settings see to it
        with EmbeddedPostgres.start(settings.data_dir / "postgres") as server:
            yield server.urls()
    else:
        yield DatabaseUrls(owner=_revealed(owner) if owner else None, app=_revealed(app), system=_revealed(system))


@contextmanager
def owner_url(settings: Settings) -> Iterator[str]:
    """Where the owner role finds the database. Raises `SettingsError` when nothing says so."""
    with database_urls(settings) as urls:
        if urls.owner is None:
            raise SettingsError(
                "DATABASE_URL is set, but DATABASE_OWNER_URL is not, and migrations need the role that owns the "
                "tables. Set it for this command: DATABASE_OWNER_URL=postgresql://treaty_owner:password@host/database"
            )
        yield urls.owner


def sqlalchemy_url(url: str) -> URL:
    """A `postgresql://` URL as SQLAlchemy reads it, with the driver that we use."""
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")


def _revealed(url: SecretStr) -> str:
    return url.get_secret_value()
