"""Where events go: an address that takes CloudEvents, or the log."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import httpx
import structlog

from treaty_runtime.clock import Clock
from treaty_runtime.observability.tracing import trace_headers
from treaty_runtime.public_addresses import PublicTransport
from treaty_runtime.settings import Settings
from treaty_runtime.signatures import signed

__all__ = ["HttpSink", "LogSink", "OutgoingEvent", "Sink", "open_sink"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.events")


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event as it lay in the outbox. `id` stays the same when it is delivered again: receivers go by it."""

    id: UUID
    tenant: UUID | None
    type: str
    key: str
    version: str
    payload: Any
    occurred_at: datetime
    request_id: str
    traceparent: str | None = None


class Sink(Protocol):
    """Takes events, one at a time."""

    async def deliver(self, event: OutgoingEvent) -> None:
        """Hand an event over. Whatever this raises means that it was not taken: it is delivered again later."""


class LogSink:
    """Tells in the log that an event happened; what it says is nobody's business there."""

    async def deliver(self, event: OutgoingEvent) -> None:
        """Write one line."""
        tenant = str(event.tenant) if event.tenant else None
        log.info("event", id=str(event.id), type=event.type, tenant=tenant, request_id=event.request_id)


class HttpSink:
    """Posts events as CloudEvents 1.0 in structured JSON, signed; any 2xx takes them."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, source: str, clock: Clock, secrets: Sequence[str] = ()
    ) -> None:
        self._client = client
        self._url = url
        self._source = source
        self._clock = clock
        self._secrets = secrets

    async def deliver(self, event: OutgoingEvent) -> None:
        """Post one event. Raises `httpx.HTTPError` when it is not taken."""
        body = json.dumps(self._cloud_event(event), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/cloudevents+json",
            **trace_headers(),
            **signed(str(event.id), self._clock.now(), body, self._secrets),
        }
        response = await self._client.post(self._url, content=body, headers=headers)
        if not response.is_success:
            raise httpx.HTTPStatusError(f"answered {response.status_code}", request=response.request, response=response)

    def _cloud_event(self, event: OutgoingEvent) -> dict[str, Any]:
        """`contract`, `contractversion`, `requestid` and `tenant` are extensions: CloudEvents has no names for them.

        `traceparent` is CloudEvents' own extension for the trace that the event was told in.
        """
        told = {
            "specversion": "1.0",
            "id": str(event.id),
            "source": self._source,
            "type": event.type,
            "time": event.occurred_at.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "contract": event.key,
            "contractversion": event.version,
            "requestid": event.request_id,
            "data": event.payload,
        }
        if event.tenant:
            told["tenant"] = str(event.tenant)
        if event.traceparent:
            told["traceparent"] = event.traceparent
        return told


@asynccontextmanager
async def open_sink(settings: Settings, title: str, clock: Clock) -> AsyncIterator[Sink]:
    """The sink that the settings ask for. `title` is the service's: events say that they come from there."""
    if settings.events_url is None:
        yield LogSink()
        return
    source = "urn:treaty:" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    secrets = settings.events_secret.get_secret_value().split() if settings.events_secret else []
    transport: httpx.AsyncBaseTransport = httpx.AsyncHTTPTransport()
    if not settings.events_allow_private:
        transport = PublicTransport(transport)
    async with httpx.AsyncClient(transport=transport, timeout=settings.events_timeout, trust_env=False) as client:
        yield HttpSink(client, settings.events_url, source, clock, secrets)
