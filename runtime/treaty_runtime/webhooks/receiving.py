"""What happens to a webhook's request: the signature first, then one row, then the answer. The work comes later.

What is not signed costs no database anything and leaves nothing behind but a count. What is signed is answered with
200 whatever it is, because it is stored, and sending it again would change nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import structlog
from litestar import Request, Response

from treaty_runtime.jobs.orders import Order
from treaty_runtime.observation import Observation
from treaty_runtime.refusals import BadSignature, PayloadTooLarge
from treaty_runtime.request_body import read_body
from treaty_runtime.service import Service
from treaty_runtime.webhooks.descriptor import Received, WaitingEvent, Webhook, routing_of
from treaty_runtime.webhooks.inbox import Arrival, put_into_inbox
from treaty_runtime.webhooks.providers import Notice, Unreadable, provider_of

__all__ = ["receive"]

# Stripe's events are some kilobytes long. What is far longer, and signed, is stored all the same: a refusal would be
# sent again for days.
LONGEST = 8_000_000

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.webhooks")


async def receive(webhook: Webhook, request: Request[Any, Any, Any]) -> Response[bytes]:
    """Store a signed event with the job that works on it. Raises `BadSignature`, `PayloadTooLarge`, `Unavailable`."""
    service, observation = Service.of(request), Observation.of(request.scope)
    observation.reached(webhook.identity)
    now = service.clock.now()
    try:
        body = await _proved_body(webhook, request, service, now)
    except (BadSignature, PayloadTooLarge) as refusal:
        service.metrics.webhook_arrived(webhook.key, getattr(refusal, "reason", "too_long"))
        raise
    arrival = _arrival(webhook, body, now, observation.request_id)
    observation.facts = lambda: {"delivery": arrival.event_id, "event_type": arrival.type}
    is_new = await _store(webhook, service, arrival, now)
    service.metrics.webhook_arrived(webhook.key, arrival.state if is_new else "duplicate")
    if is_new and arrival.state == "unreadable":
        log.error("webhook_unreadable", webhook=webhook.key, delivery=arrival.event_id, said=arrival.said)
    return _answer(arrival.event_id, duplicate=not is_new)


async def _proved_body(webhook: Webhook, request: Request[Any, Any, Any], service: Service, now: datetime) -> bytes:
    """The body, when one of the active secrets signed it. What says no time of now is not even read."""
    provider = provider_of(webhook.provider)
    claim = provider.claim(request.headers, now, webhook.tolerance)
    body = await read_body(request, LONGEST)
    claim.prove(body, provider.secrets(service.settings))
    return body


def _arrival(webhook: Webhook, body: bytes, now: datetime, request_id: str) -> Arrival:
    try:
        notice = provider_of(webhook.provider).read(body)
    except Unreadable as error:
        return Arrival(
            webhook=webhook.key,
            event_id=f"sha256-{hashlib.sha256(body).hexdigest()}",
            type=None,
            api_version=None,
            occurred_at=None,
            request_id=request_id,
            body=body,
            state="unreadable",
            said=str(error),
            forget_at=now + webhook.keep,
        )
    wanted = not notice.types.isdisjoint(webhook.types)
    return _understood(webhook, notice, body, request_id, None if wanted else now + webhook.keep)


def _understood(webhook: Webhook, notice: Notice, body: bytes, request_id: str, forget_at: datetime | None) -> Arrival:
    return Arrival(
        webhook=webhook.key,
        event_id=notice.id,
        type=notice.type,
        api_version=notice.api_version,
        occurred_at=notice.occurred_at,
        request_id=request_id,
        body=body,
        state="ignored" if forget_at else "received",
        forget_at=forget_at,
    )


async def _store(webhook: Webhook, service: Service, arrival: Arrival, now: datetime) -> bool:
    order = Order.of(routing_of(webhook), WaitingEvent(event=arrival.event_id), None, arrival.request_id)
    async with service.database.lookups() as lookups:
        return await put_into_inbox(lookups, arrival, order, now)


def _answer(event_id: str, *, duplicate: bool) -> Response[bytes]:
    body = Received(event=event_id, duplicate=duplicate).model_dump_json().encode()
    return Response(body, status_code=200, media_type="application/json", headers={"Cache-Control": "no-store"})
