"""Rate limits: a token bucket per operation and caller, in the database, so that all replicas share it.

A replica takes a twentieth of what is left at once and hands it out by itself, so that whoever calls often does not ask
the database each time. What it has not handed out after a moment it gives back with the next taking. So the budget is
never exceeded, and falls short by what other replicas hold; near its end all of them take single tokens.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.calls import Call
from treaty_runtime.observation import Observation
from treaty_runtime.operations import RateLimit
from treaty_runtime.refusals import RateLimited

__all__ = ["LONGEST_PERIOD", "consume_rate_limit"]

LONGEST_PERIOD = timedelta(days=1)  # the longest `per`: whoever was silent for so long has a full bucket again
SHARE = 0.05
LONGEST_ALLOTMENT = timedelta(seconds=1)
ALLOTMENTS_OF_A_PERIOD = 60  # so that what is handed out late is next to nothing beside what dripped in meanwhile

# Tokens drip in evenly. A clock that is behind (another replica's) adds nothing and takes nothing away.
_REFILLED = """
    least(:capacity, b.tokens + :back
        + :capacity * greatest(0, extract(epoch FROM :now - b.updated_at)) / :seconds)
"""
_TAKEN = "greatest(1, floor({left} * :share))"
_TAKE = text(f"""
    INSERT INTO treaty.rate_limit AS b (bucket, tokens, taken, updated_at)
    VALUES (:bucket, :capacity - {_TAKEN.format(left=":capacity")}, {_TAKEN.format(left=":capacity")}, :now)
    ON CONFLICT (bucket) DO UPDATE SET
        tokens = {_REFILLED} - {_TAKEN.format(left=_REFILLED)}, taken = {_TAKEN.format(left=_REFILLED)},
        updated_at = greatest(b.updated_at, :now)
    WHERE {_REFILLED} >= 1
    RETURNING b.taken, b.tokens
""")  # noqa: S608 - a constant of this module
_LEFT = text(f"SELECT {_REFILLED} FROM treaty.rate_limit AS b WHERE bucket = :bucket")  # noqa: S608


async def consume_rate_limit(system: AsyncConnection, call: Call) -> None:
    """Take one token of the caller's bucket; the answer will say how many are left.

    Raises `RateLimited`, which costs nothing, when there is none.
    """
    limit = call.operation.rate_limit
    if limit is None:
        return
    bucket = _bucket(call, limit)
    left = call.service.allotments.hand_out(bucket, call.now)
    if left is None:
        left = await _take(system, call, limit, bucket)
    _tell(call, limit, left)


async def _take(system: AsyncConnection, call: Call, limit: RateLimit, bucket: str) -> float:
    """Take an allotment and hand its first token out. Returns how many are left."""
    allotments = call.service.allotments
    values = {
        "bucket": bucket,
        "capacity": float(limit.requests),
        "seconds": limit.per.total_seconds(),
        "now": call.now,
        "back": allotments.give_back(bucket),
    }
    row = (await system.execute(_TAKE, {**values, "share": SHARE})).one_or_none()
    if row is None and (left := allotments.hand_out(bucket, call.now)) is not None:
        return left  # of what another request has taken meanwhile
    if row is None:
        tokens = float((await system.execute(_LEFT, values)).scalar_one())
        _tell(call, limit, tokens)
        raise RateLimited(wait=(1 - tokens) * limit.per / limit.requests)
    if row.taken > 1:
        until = call.now + min(LONGEST_ALLOTMENT, limit.per / ALLOTMENTS_OF_A_PERIOD)
        allotments.keep(bucket, row.taken - 1, until, row.tokens)
    return float(row.tokens + row.taken - 1)


def _tell(call: Call, limit: RateLimit, left: float) -> None:
    observation = Observation.of(call.request.scope)
    observation.headers = [*observation.headers, *_headers(limit, left)]


def _headers(limit: RateLimit, left: float) -> Iterator[tuple[bytes, bytes]]:
    """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).

    `q` requests in `w` seconds; `r` of them are left, and in `t` seconds all of them are again.
    """
    seconds = limit.per.total_seconds()
    full_in = math.ceil(max(0.0, limit.requests - left) * seconds / limit.requests)
    yield b"ratelimit-policy", f'"{limit.by}";q={limit.requests};w={seconds:.0f}'.encode()
    yield b"ratelimit", f'"{limit.by}";r={math.floor(max(0.0, left))};t={full_in}'.encode()


def _bucket(call: Call, limit: RateLimit) -> str:
    """Whose bucket it is. Without a principal of its own, a caller is known by its address."""
    if call.principal.kind == "anonymous":
        owner = f"address:{call.address}"
    elif limit.by == "organization" and call.tenant_id is not None:
        owner = f"organization:{call.tenant_id}"
    else:
        owner = f"{call.principal.kind}:{call.principal.id}"
    return f"{call.operation.key}@{call.operation.major}:{owner}"
