"""One key, one effect: the first call with a key is carried out, the same call again gets the stored bytes.

The key is claimed by inserting its row in the business transaction. A second call at the same time waits at the unique
key until the first has committed (and then finds its answer) or rolled back (and then is the first one itself).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.answers import Answer
from treaty_runtime.calls import Call
from treaty_runtime.models import Input
from treaty_runtime.operations import Operation
from treaty_runtime.recordsets import recordset
from treaty_runtime.refusals import IdempotencyConflict

__all__ = ["keep_answers", "replay_answers"]

NO_TENANT = UUID(int=0)  # what calls without a tenant share; row-level security knows it, too

_CLAIM = text("""
    INSERT INTO treaty.idempotency AS i (tenant, operation, key, request_hash, created_at, expires_at)
    SELECT :tenant, :operation, key, decode(request_hash, 'hex'), created_at, expires_at
    FROM json_to_recordset(CAST(:rows AS json)) AS wanted (
        key text, request_hash text, created_at timestamptz, expires_at timestamptz
    )
    ON CONFLICT (tenant, operation, key) DO UPDATE SET
        request_hash = excluded.request_hash, status = NULL, body = NULL,
        created_at = excluded.created_at, expires_at = excluded.expires_at
    WHERE i.expires_at <= excluded.created_at
    RETURNING key
""")
_STORED = text("""
    SELECT key, request_hash, status, body FROM treaty.idempotency
    WHERE tenant = :tenant AND operation = :operation AND key = ANY (:keys)
""")
_KEEP = text("""
    UPDATE treaty.idempotency AS i SET status = answered.status, body = convert_to(answered.body, 'UTF8')
    FROM json_to_recordset(CAST(:rows AS json)) AS answered (key text, status integer, body text)
    WHERE i.tenant = :tenant AND i.operation = :operation AND i.key = answered.key
""")
_RELEASE = text("""
    DELETE FROM treaty.idempotency WHERE tenant = :tenant AND operation = :operation AND key = ANY (:keys)
""")


async def replay_answers(session: AsyncSession, calls: Sequence[Call]) -> None:
    """Give calls the answers of earlier ones with the same keys, and claim the keys of the others for them.

    A call whose key was used for another request gets an `IdempotencyConflict`. No two calls have the same key.
    """
    idempotency = calls[0].operation.idempotency
    keyed = {key: call for call in calls if (key := call.idempotency_key) is not None}
    if idempotency is None or not keyed:
        return
    scope, connection = _scope(calls[0]), await session.connection()
    # In one order for everybody, so that nobody waits for somebody who waits for them.
    rows = [_wanted(key, keyed[key], idempotency.keep) for key in sorted(keyed)]
    claimed = set((await connection.execute(_CLAIM, {**scope, "rows": recordset(rows)})).scalars())
    for key in claimed:
        keyed[key].claim = key
    if known := sorted(keyed.keys() - claimed):
        for key, request_hash, status, body in await connection.execute(_STORED, {**scope, "keys": known}):
            call = keyed[key]
            if bytes(request_hash) == _hash(call.payload):
                call.answer = Answer(status, bytes(body), replayed=True)
            else:
                call.setback = IdempotencyConflict()


async def keep_answers(session: AsyncSession, calls: Iterable[Call]) -> None:
    """Store the answers under the keys that `replay_answers` claimed; let go of the keys of refused calls."""
    claiming = [call for call in calls if call.claim is not None]
    if not claiming:
        return
    scope, connection = _scope(claiming[0]), await session.connection()
    if rows := [_kept(call.claim, call.answer) for call in claiming if call.answer]:
        await connection.execute(_KEEP, {**scope, "rows": recordset(rows)})
    if refused := [call.claim for call in claiming if call.setback]:
        await connection.execute(_RELEASE, {**scope, "keys": refused})


def _scope(call: Call) -> dict[str, Any]:
    """Whose keys they are: those of a tenant, for one major version of an operation."""
    operation: Operation[Any, Any] = call.operation
    return {"tenant": call.tenant_id or NO_TENANT, "operation": f"{operation.key}@{operation.major}"}


def _wanted(key: str, call: Call, keep: timedelta) -> dict[str, Any]:
    return {
        "key": key,
        "request_hash": _hash(call.payload).hex(),
        "created_at": call.now,
        "expires_at": call.now + keep,
    }


def _kept(key: str | None, answer: Answer) -> dict[str, Any]:
    return {"key": key, "status": answer.status, "body": answer.body}


def _hash(payload: Input) -> bytes:
    """The same for requests that mean the same: over the validated input, whatever the order and the spelling."""
    canonical = json.dumps(payload.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()
