"""Where thin events are delivered to, `/v2/core/event_destinations`; snapshots go there, too, when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from stripe_simulator.context import API_VERSION, Context
from stripe_simulator.errors import Missing, StripeError
from stripe_simulator.events import emit_thin, iso
from stripe_simulator.parameters import Closed, Nothing, Series
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document
from stripe_simulator.v2_lists import V2List, page_of
from stripe_simulator.webhook_endpoints import new_endpoint, new_secret

__all__ = ["endpoints"]

endpoints = Endpoints()
KIND = "webhook_endpoint"
Include = Literal["webhook_endpoint.signing_secret", "webhook_endpoint.url"]
IncludeLater = Literal["webhook_endpoint.url"]  # the secret is told once


class WebhookEndpoint(Closed):
    """An address."""

    url: str


class DestinationCreate(Closed):
    """What a new destination takes."""

    enabled_events: list[str] = Field(min_length=1)
    event_payload: Literal["snapshot", "thin"]
    name: str
    type: Literal["webhook_endpoint"]
    description: str = ""
    include: list[Include] = Field(default_factory=list)
    metadata: dict[str, str] = Field(default_factory=dict)
    webhook_endpoint: WebhookEndpoint | None = None


class DestinationRetrieve(Closed):
    """What retrieving a destination takes."""

    include: Series[IncludeLater] = Field(default_factory=list)


class DestinationList(V2List):
    """Which destinations to list."""

    include: Series[IncludeLater] = Field(default_factory=list)


@endpoints.post("/v2/core/event_destinations")
def create(context: Context, parameters: DestinationCreate) -> Document:
    """A new destination."""
    if parameters.webhook_endpoint is None:
        raise StripeError("Missing required param: webhook_endpoint.", code="parameter_missing")
    endpoint = new_endpoint(
        context,
        parameters.webhook_endpoint.url,
        parameters.enabled_events,
        secret=new_secret(),
        payload=parameters.event_payload,
    )
    endpoint |= {"metadata": parameters.metadata, "description": parameters.description, "_name": parameters.name}
    return _destination(context.store.save(endpoint), parameters.include)


def _destination(endpoint: Document, include: Sequence[str]) -> Document:
    thin = endpoint["_payload"] == "thin"
    asked = {
        "signing_secret": endpoint["_secrets"][0]["secret"] if "webhook_endpoint.signing_secret" in include else None,
        "url": endpoint["url"] if "webhook_endpoint.url" in include else None,
    }
    return {
        "id": endpoint["id"],
        "object": "v2.core.event_destination",
        "created": iso(endpoint["created"]),
        "description": endpoint["description"] or "",
        "enabled_events": endpoint["enabled_events"],
        "event_payload": endpoint["_payload"],
        "events_from": ["self"],
        "livemode": False,
        "metadata": endpoint["metadata"],
        "name": endpoint.get("_name", ""),
        "snapshot_api_version": None if thin else API_VERSION,
        "status": endpoint["status"],
        "status_details": None,
        "type": "webhook_endpoint",
        "updated": iso(endpoint["created"]),
        "webhook_endpoint": asked,
    }


@endpoints.get("/v2/core/event_destinations/{id}")
def retrieve(context: Context, parameters: DestinationRetrieve, identifier: str) -> Document:
    """A destination."""
    return _destination(context.store.get(KIND, identifier), parameters.include)


@endpoints.get("/v2/core/event_destinations")
def destinations(context: Context, parameters: DestinationList) -> dict[str, Any]:
    """Destinations, newest first."""
    found = (_destination(each, parameters.include) for each in context.store.all(KIND, newest_first=True))
    return page_of(found, parameters, "/v2/core/event_destinations")


@endpoints.delete("/v2/core/event_destinations/{id}")
def delete(context: Context, parameters: Nothing, identifier: str) -> Document:
    """No more deliveries there."""
    context.store.get(KIND, identifier)
    context.store.remove(identifier)
    return {"id": identifier, "object": "v2.core.event_destination"}


@endpoints.post("/v2/core/event_destinations/{id}/disable")
def disable(context: Context, parameters: Nothing, identifier: str) -> Document:
    """No deliveries there for now."""
    endpoint = context.store.get(KIND, identifier)
    return _destination(context.store.save({**endpoint, "status": "disabled"}), [])


@endpoints.post("/v2/core/event_destinations/{id}/enable")
def enable(context: Context, parameters: Nothing, identifier: str) -> Document:
    """Deliveries there again."""
    endpoint = context.store.get(KIND, identifier)
    return _destination(context.store.save({**endpoint, "status": "enabled"}), [])


@endpoints.post("/v2/core/event_destinations/{id}/ping")
def ping(context: Context, parameters: Nothing, identifier: str) -> Document:
    """An event that says only that deliveries arrive."""
    if context.store.find(identifier) is None:
        raise Missing("event destination", identifier)
    related = {
        "id": identifier,
        "type": "v2.core.event_destination",
        "url": f"/v2/core/event_destinations/{identifier}",
    }
    emit_thin(context, "v2.core.event_destination.ping", related)
    return next(context.store.all("v2.core.event", parent=identifier, newest_first=True))
