"""Events on their way out: written in the transaction that they tell of, so that one is never without the other."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text

from treaty_runtime.identifiers import new_id
from treaty_runtime.models import Event
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["CHANNEL", "put_into_outbox"]

CHANNEL = "treaty_outbox"  # a trigger notifies it of every insert

_INSERT = text("""
    INSERT INTO treaty.outbox (event_id, tenant, type, key, version, payload, occurred_at, request_id)
    VALUES (:event_id, :tenant, :type, :key, :version, CAST(:payload AS jsonb), :occurred_at, :request_id)
""")


async def put_into_outbox(uow: UnitOfWork, events: Iterable[tuple[Event, bytes]]) -> None:
    """Store events with their payloads, in the order in which they were emitted."""
    rows = [
        {
            "event_id": new_id(),
            "tenant": uow.tenant_id,
            "type": event.TYPE,
            "key": event.KEY,
            "version": event.VERSION,
            "payload": payload.decode(),
            "occurred_at": uow.now,
            "request_id": uow.request_id,
        }
        for event, payload in events
    ]
    if rows:
        await (await uow.session.connection()).execute(_INSERT, rows)
