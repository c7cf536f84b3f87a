"""Identifiers of rows: UUIDs that sort by the time they were made, so that indexes grow at one end."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = ["new_id"]


def new_id() -> UUID:
    """A new UUID, version 7."""
    return uuid7()
