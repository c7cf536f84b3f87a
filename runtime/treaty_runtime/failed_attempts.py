"""Guessing credentials is slow: an address with too many wrong ones has to wait, whichever replica it asks."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.calls import Call, latest
from treaty_runtime.refusals import TooManyFailedAttempts

__all__ = ["WINDOW", "record_failed_attempt", "refuse_after_failed_attempts"]

WINDOW = timedelta(minutes=5)
IPV6_NETWORK = 64

_WINDOWS = text("""
    SELECT address, window_started_at FROM treaty.failed_attempt
    WHERE address = ANY (:addresses) AND attempts >= :limit AND window_started_at > :now - CAST(:window AS interval)
""")
_COUNT = text("""
    INSERT INTO treaty.failed_attempt AS f (address, attempts, window_started_at) VALUES (:address, 1, :now)
    ON CONFLICT (address) DO UPDATE SET
        attempts = CASE WHEN f.window_started_at > :now - CAST(:window AS interval) THEN f.attempts + 1 ELSE 1 END,
        window_started_at =
            CASE WHEN f.window_started_at > :now - CAST(:window AS interval) THEN f.window_started_at ELSE :now END
""")


async def refuse_after_failed_attempts(system: AsyncConnection, calls: Sequence[Call]) -> None:
    """Give `TooManyFailedAttempts` to calls whose address has used up its attempts of this window."""
    networks = {call.address: _network(call.address) for call in calls}
    limit, now = calls[0].service.settings.failed_attempts, latest(calls)
    values = {"addresses": sorted(set(networks.values())), "limit": limit, "now": now, "window": WINDOW}
    found = await system.execute(_WINDOWS, values)
    started: dict[str, datetime] = {row.address: row.window_started_at for row in found}
    for call in calls:
        if since := started.get(networks[call.address]):
            call.setback = TooManyFailedAttempts(wait=since + WINDOW - call.now)


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
