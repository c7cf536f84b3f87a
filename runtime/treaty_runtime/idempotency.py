"""One key, one effect: the first call with a key is carried out, the same call again gets the stored bytes.

The key is claimed by inserting its row in the business transaction. A second call at the same time waits at the unique
key until the first has committed (and then finds its answer) or rolled back (and then is the first one itself).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.answers import Answer
from treaty_runtime.calls import Call
from treaty_runtime.models import Input
from treaty_runtime.refusals import IdempotencyConflict

__all__ = ["keep_answer", "stored_answer"]

LONGEST_KEY = 1000  # bytes
NO_TENANT = UUID(int=0)  # what calls without a tenant share; row-level security knows it, too

_CLAIM = text("""
    INSERT INTO treaty.idempotency AS i (tenant, operation, key, request_hash, created_at, expires_at)
    VALUES (:tenant, :operation, :key, :request_hash, :now, :expires_at)
    ON CONFLICT (tenant, operation, key) DO UPDATE SET
        request_hash = excluded.request_hash, status = NULL, body = NULL,
        created_at = excluded.created_at, expires_at = excluded.expires_at
    WHERE i.expires_at <= excluded.created_at
    RETURNING 1
""")
_STORED = text("""
    SELECT request_hash, status, body FROM treaty.idempotency
    WHERE tenant = :tenant AND operation = :operation AND key = :key
""")
_KEEP = text("""
    UPDATE treaty.idempotency SET status = :status, body = :body
    WHERE tenant = :tenant AND operation = :operation AND key = :key
""")


async def stored_answer(session: AsyncSession, call: Call, payload: Input) -> Answer | None:
    """The answer of an earlier call with the same key, or `None` after the key was claimed for this one.

    Raises `IdempotencyConflict` when the key was used for another request.
    """
    scope = _scope(call, payload)
    idempotency = call.operation.idempotency
    if scope is None or idempotency is None:
        return None
    claim = {**scope, "request_hash": _hash(payload), "now": call.now, "expires_at": call.now + idempotency.keep}
    if (await (await session.connection()).execute(_CLAIM, claim)).scalar() is not None:
        return None
    request_hash, status, body = (await (await session.connection()).execute(_STORED, scope)).one()
    if bytes(request_hash) != claim["request_hash"]:
        raise IdempotencyConflict()
    return Answer(status, bytes(body), replayed=True)


async def keep_answer(session: AsyncSession, call: Call, payload: Input, answer: Answer) -> None:
    """Store the answer under the key that `stored_answer` claimed, in the same transaction; a replayed one is there."""
    scope = _scope(call, payload)
    if scope is not None and not answer.replayed:
        await (await session.connection()).execute(_KEEP, {**scope, "status": answer.status, "body": answer.body})


def _scope(call: Call, payload: Input) -> dict[str, Any] | None:
    """The row that a call's key stands for; `None` when the contract asks for no key or the caller gave none."""
    idempotency = call.operation.idempotency
    key = getattr(payload, idempotency.field) if idempotency else None
    if key is None:
        return None
    operation = f"{call.operation.key}@{call.operation.major}"
    return {"tenant": call.tenant_id or NO_TENANT, "operation": operation, "key": _indexable(str(key))}


def _indexable(key: str) -> str:
    """The key, or what stands for one that is too long for an index."""
    return key if len(key.encode()) <= LONGEST_KEY else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def _hash(payload: Input) -> bytes:
    """The same for requests that mean the same: over the validated input, whatever the order and the spelling."""
    canonical = json.dumps(payload.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()
