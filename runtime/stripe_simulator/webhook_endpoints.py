"""Where events are delivered to, `/v1/webhook_endpoints`: which types, and the secrets that sign them."""

from __future__ import annotations

import secrets

from pydantic import Field

from stripe_simulator.context import API_VERSION, Context, new_id
from stripe_simulator.objects import Paged, deleted, listing
from stripe_simulator.parameters import Metadata, Nothing, Page, Parameters, Retrieve, Series, merged_metadata
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["active_secrets", "endpoints", "new_endpoint", "new_secret", "roll"]

endpoints = Endpoints()
KIND = "webhook_endpoint"


class EndpointCreate(Parameters):
    """What a new endpoint takes."""

    url: str = Field(min_length=1)
    enabled_events: Series[str]
    api_version: str | None = None
    description: str | None = None
    metadata: Metadata = None


class EndpointUpdate(Parameters):
    """What can be changed of an endpoint."""

    url: str | None = None
    enabled_events: Series[str] | None = None
    description: str | None = None
    disabled: bool | None = None
    metadata: Metadata = None


def new_secret() -> str:
    """A secret as Stripe makes them."""
    return f"whsec_{secrets.token_hex(16)}"


def new_endpoint(context: Context, url: str, events: list[str], *, secret: str, payload: str = "snapshot") -> Document:
    """Have events delivered to an address, as `snapshot` or `thin`."""
    return context.store.add(
        {
            "id": new_id("we" if payload == "snapshot" else "ed_test"),
            "object": KIND,
            "api_version": API_VERSION if payload == "snapshot" else None,
            "application": None,
            "created": context.now,
            "description": None,
            "enabled_events": events,
            "livemode": False,
            "metadata": {},
            "status": "enabled",
            "url": url,
            "_payload": payload,
            "_secrets": [{"secret": secret, "until": None}],
        }
    )


def active_secrets(endpoint: Document, now: float) -> list[str]:
    """The secrets that sign at this (real) time, the newest first."""
    return [each["secret"] for each in endpoint["_secrets"] if each["until"] is None or each["until"] > now]


def roll(context: Context, endpoint: Document, secret: str, until: float) -> Document:
    """Sign with another secret; the ones before still sign too until then, a real time."""
    for each in endpoint["_secrets"]:
        each["until"] = until if each["until"] is None else min(each["until"], until)
    endpoint["_secrets"].insert(0, {"secret": secret, "until": None})
    return context.store.save(endpoint)


@endpoints.post("/v1/webhook_endpoints")
def create(context: Context, parameters: EndpointCreate) -> Document:
    """A new endpoint, with its secret."""
    secret = new_secret()
    endpoint = new_endpoint(context, parameters.url, parameters.enabled_events, secret=secret)
    endpoint["description"] = parameters.description
    endpoint["metadata"] = parameters.metadata or {}
    context.store.save(endpoint)
    return {**endpoint, "secret": secret}  # told once


@endpoints.get("/v1/webhook_endpoints/{id}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """An endpoint."""
    return context.store.get(KIND, identifier)


@endpoints.post("/v1/webhook_endpoints/{id}")
def update(context: Context, parameters: EndpointUpdate, identifier: str) -> Document:
    """An endpoint, changed."""
    endpoint = context.store.get(KIND, identifier)
    sent = parameters.sent()
    if "metadata" in sent:
        endpoint["metadata"] = merged_metadata(endpoint["metadata"], sent.pop("metadata"))
    if (disabled := sent.pop("disabled", None)) is not None:
        endpoint["status"] = "disabled" if disabled else "enabled"
    return context.store.save(endpoint | sent)


@endpoints.delete("/v1/webhook_endpoints/{id}")
def delete(context: Context, parameters: Nothing, identifier: str) -> Document:
    """No more deliveries there."""
    endpoint = context.store.get(KIND, identifier)
    context.store.remove(identifier)
    return deleted(endpoint)


@endpoints.get("/v1/webhook_endpoints")
def endpoints_list(context: Context, parameters: Page) -> Paged:
    """Endpoints, newest first."""
    found = (each for each in context.store.all(KIND, newest_first=True) if each["_payload"] == "snapshot")
    return listing(found, parameters, "/v1/webhook_endpoints")
