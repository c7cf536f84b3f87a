"""Guessing credentials is slow: an address with too many wrong ones has to wait, whichever replica it asks."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, Integer, Label, Text, bindparam, column, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.calls import Call
from treaty_runtime.refusals import TooManyFailedAttempts

__all__ = ["BLOCKED_SINCE", "WINDOW", "about", "record_failed_attempt", "refuse_after_failed_attempts"]

WINDOW = timedelta(minutes=5)
IPV6_NETWORK = 64

_FAILED = table(
    "failed_attempt",
    column("address", Text),
    column("attempts", Integer),
    column("window_started_at", DateTime(timezone=True)),
    schema="treaty",
).c
# When the attempts of the caller's address began to be too many: a column for whoever asks about the caller.
BLOCKED_SINCE: Label[datetime | None] = (
    select(_FAILED.window_started_at)
    .where(_FAILED.address == bindparam("address"), _FAILED.attempts >= bindparam("too_many"))
    .where(_FAILED.window_started_at > bindparam("window_from"))
    .scalar_subquery()
    .label("blocked_since")
)
_COUNT = text("""
    INSERT INTO treaty.failed_attempt AS f (address, attempts, window_started_at) VALUES (:address, 1, :now)
    ON CONFLICT (address) DO UPDATE SET
        attempts = CASE WHEN f.window_started_at > :now - CAST(:window AS interval) THEN f.attempts + 1 ELSE 1 END,
        window_started_at =
            CASE WHEN f.window_started_at > :now - CAST(:window AS interval) THEN f.window_started_at ELSE :now END
""")


def about(call: Call) -> dict[str, Any]:
    """What `BLOCKED_SINCE` is told of a call."""
    return {
        "address": _network(call.address),
        "too_many": call.service.settings.failed_attempts,
        "window_from": call.now - WINDOW,
    }


def refuse_after_failed_attempts(call: Call, started: datetime | None) -> None:
    """Raise `TooManyFailedAttempts` when the caller's address has used up its attempts of the window that `started`."""
    if started is not None:
        raise TooManyFailedAttempts(wait=started + WINDOW - call.now)


async def record_failed_attempt(system: AsyncConnection, call: Call) -> None:
    """Count one attempt with made-up credentials."""
    await system.execute(_COUNT, {"address": _network(call.address), "now": call.now, "window": WINDOW})


def _network(address: str) -> str:
    """Who an address belongs to: an IPv6 subscriber has a whole network to take addresses from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, IPV6_NETWORK), strict=False))
    return address
