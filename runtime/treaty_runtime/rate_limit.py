"""Rate limits: a token bucket per operation and caller, in the database, so that all replicas share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.calls import Call, latest
from treaty_runtime.operations import RateLimit
from treaty_runtime.recordsets import recordset
from treaty_runtime.refusals import RateLimited

__all__ = ["LONGEST_PERIOD", "consume_rate_limits"]

LONGEST_PERIOD = timedelta(days=1)  # the longest `per`: whoever was silent for so long has a full bucket again

# Tokens drip in evenly. A clock that is behind (another replica's) adds nothing and takes nothing away.
_REFILLED = """
    least(:capacity, b.tokens + :capacity * greatest(0, extract(epoch FROM :now - b.updated_at)) / :seconds)
"""
_TAKE = text(f"""
    INSERT INTO treaty.rate_limit AS b (bucket, tokens, updated_at)
    SELECT bucket, :capacity - wanted, :now
    FROM json_to_recordset(CAST(:rows AS json)) AS asked (bucket text, wanted double precision)
    WHERE wanted <= :capacity
    ON CONFLICT (bucket) DO UPDATE SET
        tokens = {_REFILLED} - (:capacity - excluded.tokens), updated_at = greatest(b.updated_at, :now)
    WHERE {_REFILLED} >= :capacity - excluded.tokens
    RETURNING bucket
""")  # noqa: S608 - a constant of this module
_LEFT = text(f"SELECT {_REFILLED} FROM treaty.rate_limit AS b WHERE bucket = :bucket")  # noqa: S608


async def consume_rate_limits(system: AsyncConnection, calls: Sequence[Call]) -> None:
    """Take one token of its caller's bucket for every call; those for which none is left get `RateLimited`."""
    limit = calls[0].operation.rate_limit if calls else None
    if limit is None:
        return
    values = {
        "capacity": float(limit.requests),
        "seconds": limit.per.total_seconds(),
        "now": latest(calls),
    }
    asking: dict[str, list[Call]] = {}
    for call in calls:
        asking.setdefault(_bucket(call, limit), []).append(call)
    served = await _take(system, values, {bucket: len(callers) for bucket, callers in asking.items()})
    for bucket in sorted(asking.keys() - served):
        callers = asking[bucket]
        taken, left = await _take_some(system, values, bucket, len(callers))
        for call in callers[taken:]:
            call.setback = RateLimited(wait=(1 - left) * limit.per / limit.requests)


async def _take(system: AsyncConnection, values: Mapping[str, Any], wanted: Mapping[str, int]) -> set[str]:
    """The buckets that had as many tokens as were wanted of them. In one order, so that nobody waits in a circle."""
    rows = recordset({"bucket": bucket, "wanted": number} for bucket, number in sorted(wanted.items()))
    return set((await system.execute(_TAKE, {**values, "rows": rows})).scalars())


async def _take_some(system: AsyncConnection, values: Mapping[str, Any], bucket: str, wanted: int) -> tuple[int, float]:
    """As many tokens as there are of those wanted, and what is left then: less than one."""
    while True:
        left = (await system.execute(_LEFT, {**values, "bucket": bucket})).scalar()
        left = values["capacity"] if left is None else float(left)  # nobody has used the bucket so far
        some = min(wanted, int(left))
        if some == 0 or await _take(system, values, {bucket: some}):  # unless somebody else was quicker
            return some, left - some


def _bucket(call: Call, limit: RateLimit) -> str:
    """Whose bucket it is. Without a principal of its own, a caller is known by its address."""
    if call.principal.kind == "anonymous":
        owner = f"address:{call.address}"
    elif limit.by == "organization" and call.tenant_id is not None:
        owner = f"organization:{call.tenant_id}"
    else:
        owner = f"{call.principal.kind}:{call.principal.id}"
    return f"{call.operation.key}@{call.operation.major}:{owner}"
