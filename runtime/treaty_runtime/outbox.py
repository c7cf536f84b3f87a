"""Events on their way out: written in the transaction that they tell of, so that one is never without the other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.identifiers import new_id_text
from treaty_runtime.models import Event
from treaty_runtime.recordsets import recordset

__all__ = ["CHANNEL", "put_into_outbox"]

CHANNEL = "treaty_outbox"  # a trigger notifies it of every insert

# What the events of one source share is sent once, and joined to them.
_INSERT = text("""
    INSERT INTO treaty.outbox (event_id, tenant, type, key, version, payload, occurred_at, request_id, traceparent)
    SELECT event_id, tenant, type, key, version, payload, occurred_at, request_id, traceparent
    FROM ROWS FROM (json_to_recordset(CAST(:events AS json)) AS (source integer, event_id uuid, payload jsonb))
        WITH ORDINALITY AS told (source, event_id, payload, place)
    JOIN json_to_recordset(CAST(:sources AS json)) AS shared (
        source integer, tenant uuid, type text, key text, version text, occurred_at timestamptz, request_id text,
        traceparent text
    ) USING (source)
    ORDER BY place
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
    sources: dict[tuple[int, type[Event]], dict[str, Any]] = {}
    events: list[bytes] = []
    for teller, event, payload in told:
        known = (id(teller), type(event))
        shared = sources.get(known) or sources.setdefault(known, _shared(len(sources), teller, event))
        events.append(b'{"source":%d,"event_id":"%b","payload":%b}' % (shared["source"], new_id_text(), payload))
    if events:
        values = {"events": (b"[%b]" % b",".join(events)).decode(), "sources": recordset(sources.values())}
        await (await session.connection()).execute(_INSERT, values)


def _shared(number: int, teller: Telling, event: Event) -> dict[str, Any]:
    """What all events of one kind have in common that one call or job tells."""
    return {
        "source": number,
        "tenant": teller.tenant_id,
        "type": event.TYPE,
        "key": event.KEY,
        "version": event.VERSION,
        "occurred_at": teller.now,
        "request_id": teller.request_id,
        "traceparent": teller.traceparent,
    }
