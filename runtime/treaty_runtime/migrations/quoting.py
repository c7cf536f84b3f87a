"""Names as SQL writes them: in quotes where PostgreSQL reads a bare word otherwise."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql.base import PGDialect

__all__ = ["quote"]

_PREPARER = PGDialect().identifier_preparer  # type: ignore[no-untyped-call]  # SQLAlchemy does not say its type


def quote(name: str) -> str:
    """A table's or column's name, quoted if need be."""
    return str(_PREPARER.quote(name))
