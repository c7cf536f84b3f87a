"""Events on their way out: written in the transaction that they tell of, so that one is never without the other."""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.calls import Call
from treaty_runtime.identifiers import new_id
from treaty_runtime.observability.tracing import TRACEPARENT

__all__ = ["CHANNEL", "put_into_outbox"]

CHANNEL = "treaty_outbox"  # a trigger notifies it of every insert

_INSERT = text("""
    INSERT INTO treaty.outbox (event_id, tenant, type, key, version, payload, occurred_at, request_id, traceparent)
    VALUES (
        :event_id, :tenant, :type, :key, :version, CAST(:payload AS jsonb), :occurred_at, :request_id, :traceparent
    )
""")


async def put_into_outbox(session: AsyncSession, call: Call) -> None:
    """Store the events of a call, in the order in which they were emitted.

    Its rows are written by then, so that their locks are held when the events get their numbers: whoever waits for the
    same rows also gets later numbers, and the relay delivers in their order.
    """
    connection = await session.connection()
    for event, payload in call.events:
        row = {
            "event_id": new_id(),
            "tenant": call.tenant_id,
            "type": event.TYPE,
            "key": event.KEY,
            "version": event.VERSION,
            "payload": payload.decode(),
            "occurred_at": call.now,
            "request_id": call.request_id,
            "traceparent": TRACEPARENT.get(),
        }
        await connection.execute(
            _INSERT, row
        )  # one by one: many at once would be waited for, amid what travels together
