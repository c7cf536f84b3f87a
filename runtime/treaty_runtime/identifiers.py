"""Identifiers of rows: UUIDs that sort by the time they were made, so that indexes grow at one end."""

from __future__ import annotations

from uuid import UUID

import uuid_utils
from uuid_utils.compat import uuid7

__all__ = ["new_id", "new_id_text"]


def new_id() -> UUID:
    """A new UUID, version 7."""
    return uuid7()


def new_id_text() -> bytes:
    """The same as text, where there may be thousands: an object for each costs four times as much."""
    return str(uuid_utils.uuid7()).encode()
