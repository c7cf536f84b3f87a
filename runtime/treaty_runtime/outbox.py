"""Events on their way out: written in the transaction that they tell of, so that one is never without the other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.identifiers import new_id
from treaty_runtime.models import Event
from treaty_runtime.recordsets import recordset

__all__ = ["CHANNEL", "put_into_outbox"]

CHANNEL = "treaty_outbox"  # a trigger notifies it of every insert

_INSERT = text("""
    INSERT INTO treaty.outbox (event_id, tenant, type, key, version, payload, occurred_at, request_id, traceparent)
    SELECT event_id, tenant, type, key, version, CAST(payload AS jsonb), occurred_at, request_id, traceparent
    FROM json_to_recordset(CAST(:rows AS json)) AS told (
        event_id uuid, tenant uuid, type text, key text, version text, payload text, occurred_at timestamptz,
        request_id text, traceparent text
    )
""")


class Telling(Protocol):
    """Whoever tells events: a call, or the unit of work of a job."""

    @property
    def tenant_id(self) -> UUID | None:
        """Whose events they are."""

    @property
    def now(self) -> datetime:
        """When they happened."""

    @property
    def request_id(self) -> str:
        """What they come of."""

    @property
    def traceparent(self) -> str | None:
        """Where it stands in a trace, if there is one."""


async def put_into_outbox(session: AsyncSession, told: Iterable[tuple[Telling, Event, bytes]]) -> None:
    """Store events with their payloads, in the order in which they were emitted.

    The transaction's rows are written by then, so that their locks are held when the events get their numbers: whoever
    waits for the same rows also gets later numbers, and the relay delivers in their order.
    """
    rows = [
        {
            "event_id": new_id(),
            "tenant": source.tenant_id,
            "type": event.TYPE,
            "key": event.KEY,
            "version": event.VERSION,
            "payload": payload,
            "occurred_at": source.now,
            "request_id": source.request_id,
            "traceparent": source.traceparent,
        }
        for source, event, payload in told
    ]
    if rows:
        await (await session.connection()).execute(_INSERT, {"rows": recordset(rows)})
