"""Events on their way out: written in the transaction that they tell of, so that one is never without the other."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.calls import Call
from treaty_runtime.identifiers import new_id
from treaty_runtime.models import Event
from treaty_runtime.recordsets import recordset

__all__ = ["CHANNEL", "Telegram", "put_into_outbox"]

CHANNEL = "treaty_outbox"  # a trigger notifies it of every insert

Telegram = tuple[Call, Event, bytes]
"""An event with its payload as JSON, and the call that it tells of."""

_INSERT = text("""
    INSERT INTO treaty.outbox (event_id, tenant, type, key, version, payload, occurred_at, request_id)
    SELECT event_id, tenant, type, key, version, CAST(payload AS jsonb), occurred_at, request_id
    FROM json_to_recordset(CAST(:rows AS json)) AS told (
        event_id uuid, tenant uuid, type text, key text, version text, payload text, occurred_at timestamptz,
        request_id text
    )
""")


async def put_into_outbox(session: AsyncSession, telegrams: Sequence[Telegram]) -> None:
    """Store events with their payloads, in the order in which they were emitted."""
    rows = [
        {
            "event_id": new_id(),
            "tenant": call.tenant_id,
            "type": event.TYPE,
            "key": event.KEY,
            "version": event.VERSION,
            "payload": payload,
            "occurred_at": call.now,
            "request_id": call.request_id,
        }
        for call, event, payload in telegrams
    ]
    if rows:
        await (await session.connection()).execute(_INSERT, {"rows": recordset(rows)})
