"""The inbox: one row for each event that came, and the job that works on it, in one statement of the system role."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.jobs.orders import QUEUE, Order

__all__ = ["Arrival", "State", "put_into_inbox", "settle", "stored"]

State = Literal["received", "routed", "ignored", "unmatched", "unreadable"]
"""What became of an event: its job waits, it has enqueued jobs, no job is done after it, it is of nobody who is known
here, or it is not what it should be.
"""

# The event and its job come together or not at all: a process that dies in between leaves neither, and the sender
# sends again.
_PUT = text("""
    WITH numbered AS MATERIALIZED (
        SELECT CASE WHEN :state = 'received' THEN nextval('treaty.procrastinate_jobs_id_seq') END AS job
    ), arrived AS (
        INSERT INTO treaty.webhook_delivery (
            webhook, event_id, type, api_version, occurred_at, received_at, request_id, body, state, said, job,
            forget_at
        )
        SELECT :webhook, :event_id, :type, :api_version, CAST(:occurred_at AS timestamptz), :now, :request_id,
            :body, :state, :said, job, CAST(:forget_at AS timestamptz)
        FROM numbered
        ON CONFLICT (webhook, event_id) DO NOTHING
        RETURNING job
    ), queued AS (
        INSERT INTO treaty.procrastinate_jobs (id, queue_name, task_name, args)
        SELECT job, :queue, :webhook, CAST(:arguments AS jsonb) FROM arrived WHERE job IS NOT NULL
    )
    SELECT count(*) FROM arrived
""")
_STORED = text("""
    SELECT event_id, request_id, body, state FROM treaty.webhook_delivery
    WHERE webhook = :webhook AND event_id = :event_id FOR UPDATE
""")
_SETTLE = text("""
    UPDATE treaty.webhook_delivery
    SET state = :state, said = :said, jobs = :jobs, settled_at = :now, forget_at = :forget_at
    WHERE webhook = :webhook AND event_id = :event_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An event as it came. What is not `received` is settled already, and forgotten at `forget_at`."""

    webhook: str
    event_id: str
    type: str | None
    api_version: str | None
    occurred_at: datetime | None
    request_id: str
    body: bytes
    state: State
    said: str | None = None
    forget_at: datetime | None = None


async def put_into_inbox(lookups: AsyncConnection, arrival: Arrival, order: Order, now: datetime) -> bool:
    """Store an event, and enqueue `order` when it is to be worked on; say whether it has not been here before."""
    values = {
        "webhook": arrival.webhook,
        "event_id": arrival.event_id,
        "type": arrival.type,
        "api_version": arrival.api_version,
        "occurred_at": arrival.occurred_at,
        "now": now,
        "request_id": arrival.request_id,
        "body": arrival.body,
        "state": arrival.state,
        "said": arrival.said,
        "forget_at": arrival.forget_at,
        "queue": QUEUE,
        "arguments": json.dumps(order.arguments),
    }
    return bool((await lookups.execute(_PUT, values)).scalar_one())


async def stored(system: AsyncConnection, webhook: str, event_id: str) -> Row[Any] | None:
    """The event as it was stored, held until the end of the transaction; `None` when it is not there any more."""
    return (await system.execute(_STORED, {"webhook": webhook, "event_id": event_id})).first()


async def settle(
    system: AsyncConnection,
    webhook: str,
    event_id: str,
    state: State,
    *,
    now: datetime,
    forget_at: datetime,
    said: str | None = None,
    jobs: Sequence[int] = (),
) -> None:
    """Note what became of an event."""
    values = {"webhook": webhook, "event_id": event_id, "state": state, "said": said, "jobs": list(jobs)}
    await system.execute(_SETTLE, {**values, "now": now, "forget_at": forget_at})
