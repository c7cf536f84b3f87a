"""Rate limits: a token bucket per operation and caller, in the database, so that all replicas share it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.calls import Call
from treaty_runtime.operations import RateLimit
from treaty_runtime.refusals import RateLimited

__all__ = ["LONGEST_PERIOD", "consume_rate_limit"]

LONGEST_PERIOD = timedelta(days=1)  # the longest `per`: whoever was silent for so long has a full bucket again

# Tokens drip in evenly. A clock that is behind (another replica's) adds nothing and takes nothing away.
_REFILLED = """
    least(:capacity, b.tokens + :capacity * greatest(0, extract(epoch FROM :now - b.updated_at)) / :seconds)
"""
_TAKE = text(f"""
    INSERT INTO treaty.rate_limit AS b (bucket, tokens, updated_at) VALUES (:bucket, :capacity - 1, :now)
    ON CONFLICT (bucket) DO UPDATE SET tokens = {_REFILLED} - 1, updated_at = greatest(b.updated_at, :now)
    WHERE {_REFILLED} >= 1
    RETURNING 1
""")  # noqa: S608 - a constant of this module
_LEFT = text(f"SELECT {_REFILLED} FROM treaty.rate_limit AS b WHERE bucket = :bucket")  # noqa: S608


async def consume_rate_limit(system: AsyncConnection, call: Call) -> None:
    """Take one token of the caller's bucket. Raises `RateLimited`, which costs nothing, when there is none."""
    limit = call.operation.rate_limit
    if limit is None:
        return
    values = {
        "bucket": _bucket(call, limit),
        "capacity": float(limit.requests),
        "seconds": limit.per.total_seconds(),
        "now": call.now,
    }
    if (await system.execute(_TAKE, values)).scalar() is None:
        left = float((await system.execute(_LEFT, values)).scalar_one())
        raise RateLimited(wait=(1 - left) * limit.per / limit.requests)


def _bucket(call: Call, limit: RateLimit) -> str:
    """Whose bucket it is. Without a principal of its own, a caller is known by its address."""
    if call.principal.kind == "anonymous":
        owner = f"address:{call.address}"
    elif limit.by == "organization" and call.tenant_id is not None:
        owner = f"organization:{call.tenant_id}"
    else:
        owner = f"{call.principal.kind}:{call.principal.id}"
    return f"{call.operation.key}@{call.operation.major}:{owner}"
