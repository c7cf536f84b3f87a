"""What a piece of work stands in: the store of its transaction, the time, and the request that caused it."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass

from stripe_simulator.storage import Store

__all__ = ["API_VERSION", "Context", "new_id"]

API_VERSION = "2026-10-28.endive"  # what stripe 16.1 pins
LETTERS = string.ascii_letters + string.digits


@dataclass(slots=True)
class Context:
    """One transaction: its store, the simulated time in seconds, and the address that pages are found at."""

    store: Store
    now: int
    address: str
    request: str | None = None
    idempotency_key: str | None = None
    bearer: str = ""


def new_id(prefix: str, length: int = 24) -> str:
    """An id that no other object has: `cus_…`."""
    return f"{prefix}_{''.join(secrets.choice(LETTERS) for _ in range(length))}"
