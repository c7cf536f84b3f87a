"""The embedded PostgreSQL: the real thing, started beside the project when no DATABASE_URL is set."""

from treaty_runtime.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]
