"""What came to webhooks, for those who look after it: what waits, what is of nobody, what could not be done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.errors import OperatorError
from treaty_runtime.jobs.orders import QUEUE, Order
from treaty_runtime.service import Service
from treaty_runtime.webhooks.descriptor import WaitingEvent, routing_of

__all__ = ["Delivery", "Shown", "body_of", "deliveries", "one_delivery", "replay", "replay_all"]

Shown = Literal["received", "routed", "ignored", "unmatched", "unreadable", "failed"]

# An event has failed when its own job was given up, or one that it has enqueued.
_SELECT = """
    SELECT webhook, event_id, type, api_version, occurred_at, received_at, settled_at, said, job, jobs, request_id,
        octet_length(body) AS size,
        CASE WHEN EXISTS (
            SELECT FROM treaty.procrastinate_jobs AS queued
            WHERE queued.id = ANY (array_append(delivery.jobs, delivery.job)) AND queued.status = 'failed'
        ) THEN 'failed' ELSE state END AS state
    FROM treaty.webhook_delivery AS delivery
    WHERE CAST(:webhook AS text) IS NULL OR webhook = :webhook
"""
_LIST = text(f"""
    SELECT * FROM ({_SELECT}) AS found WHERE cardinality(CAST(:states AS text[])) = 0 OR state = ANY (:states)
    ORDER BY received_at DESC, event_id LIMIT :most
""")  # noqa: S608 - of constants
_ONE = text(f"SELECT * FROM ({_SELECT}) AS found WHERE event_id = :event_id")  # noqa: S608 - of constants
_BODY = text("SELECT body FROM treaty.webhook_delivery WHERE webhook = :webhook AND event_id = :event_id")
# Its own job gets a new number: what was done under the old one would not be done again.
_REPLAY = text("""
    WITH numbered AS MATERIALIZED (SELECT nextval('treaty.procrastinate_jobs_id_seq') AS job), again AS (
        UPDATE treaty.webhook_delivery SET state = 'received', said = NULL, jobs = NULL, settled_at = NULL,
            forget_at = NULL, job = numbered.job
        FROM numbered WHERE webhook = :webhook AND event_id = :event_id
        RETURNING numbered.job
    )
    INSERT INTO treaty.procrastinate_jobs (id, queue_name, task_name, args)
    SELECT job, :queue, :webhook, CAST(:arguments AS jsonb) FROM again
""")


class WebhookError(OperatorError):
    """What was asked of an event cannot be done."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event that came to a webhook, in `size` bytes. `jobs` are the numbers of its own job and of those after it."""

    webhook: str
    event_id: str
    type: str | None
    api_version: str | None
    occurred_at: datetime | None
    received_at: datetime
    settled_at: datetime | None
    state: Shown
    said: str | None
    jobs: tuple[int, ...]
    request_id: str
    size: int


async def deliveries(service: Service, webhook: str | None, states: Sequence[Shown], most: int) -> list[Delivery]:
    """The newest events, of all webhooks and in all states unless some are named."""
    async with service.database.system() as system:
        rows = await system.execute(_LIST, {"webhook": webhook, "states": list(states), "most": most})
        return [_shown(row) for row in rows]


async def one_delivery(service: Service, event_id: str, webhook: str | None = None) -> Delivery:
    """One event. Raises `OperatorError` when there is none, or more than one webhook has it."""
    async with service.database.system() as system:
        return await _one(system, event_id, webhook)


async def body_of(service: Service, event_id: str, webhook: str | None = None) -> bytes:
    """The body of an event, as it came. Raises `OperatorError` when there is no such event."""
    async with service.database.system() as system:
        found = await _one(system, event_id, webhook)
        values = {"webhook": found.webhook, "event_id": event_id}
        return bytes((await system.execute(_BODY, values)).scalar_one())


async def replay(service: Service, event_id: str, webhook: str | None = None) -> Delivery:
    """Have an event worked on once more. Raises `OperatorError` when it can't be."""
    async with service.database.system() as system:
        found = await _one(system, event_id, webhook)
        if found.state == "received":
            raise WebhookError(f"{event_id} waits for a worker already. Run `treaty worker`.")
        await _again(service, system, found)
    return found


async def replay_all(service: Service, webhook: str | None, states: Sequence[Shown], most: int) -> list[Delivery]:
    """Have the newest events in these states worked on once more, and return them."""
    found = await deliveries(service, webhook, states, most)
    async with service.database.system() as system:
        for delivery in found:
            await _again(service, system, delivery)
    return found


async def _one(system: AsyncConnection, event_id: str, webhook: str | None) -> Delivery:
    rows = (await system.execute(_ONE, {"event_id": event_id, "webhook": webhook})).all()
    if not rows:
        raise WebhookError(
            f"There is no event {event_id}: it never came, or was forgotten. See `treaty webhooks list`."
        )
    if len(rows) > 1:
        keys = ", ".join(row.webhook for row in rows)
        raise WebhookError(f"{event_id} came to several webhooks: say --webhook and one of {keys}.")
    return _shown(rows[0])


async def _again(service: Service, system: AsyncConnection, delivery: Delivery) -> None:
    webhook = next((item for item in service.definition.webhooks if item.key == delivery.webhook), None)
    if webhook is None:
        raise WebhookError(f"No contract speaks of {delivery.webhook} any more.")
    order = Order.of(routing_of(webhook), WaitingEvent(event=delivery.event_id), None, delivery.request_id)
    values = {"webhook": webhook.key, "event_id": delivery.event_id, "queue": QUEUE}
    await system.execute(_REPLAY, {**values, "arguments": json.dumps(order.arguments)})


def _shown(row: Row[Any]) -> Delivery:
    return Delivery(
        webhook=row.webhook,
        event_id=row.event_id,
        type=row.type,
        api_version=row.api_version,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        settled_at=row.settled_at,
        state=row.state,
        said=row.said,
        jobs=tuple(job for job in (row.job, *(row.jobs or ())) if job is not None),
        request_id=row.request_id,
        size=row.size,
    )
