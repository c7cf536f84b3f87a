"""What happened, told: snapshot events with the object in them, thin events with its address, and the lists of both."""

from __future__ import annotations

import datetime as dt
from typing import Any

from stripe_simulator.context import API_VERSION, Context, new_id
from stripe_simulator.deliveries import enqueue
from stripe_simulator.objects import Paged, listing, rendered, renders
from stripe_simulator.parameters import Page, Range, Retrieve, Series
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["emit", "emit_thin", "endpoints", "iso"]

endpoints = Endpoints()

# Thin events that tell of v1 objects carry the path that the object is found at.
PATHS = {
    "billing.meter": "/v1/billing/meters",
    "checkout.session": "/v1/checkout/sessions",
    "customer": "/v1/customers",
    "invoice": "/v1/invoices",
    "invoiceitem": "/v1/invoiceitems",
    "price": "/v1/prices",
    "product": "/v1/products",
    "subscription": "/v1/subscriptions",
}


def iso(seconds: int) -> str:
    """A time as v2 writes it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def emit(context: Context, kind: str, document: Document, previous: Document | None = None) -> None:
    """Tell of a change to an object, to all who asked: as it is now, with what was otherwise before."""
    data: dict[str, Any] = {"object": rendered(context, document)}
    if previous is not None:
        data["previous_attributes"] = previous
    event = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": context.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": context.request, "idempotency_key": context.idempotency_key},
        "type": kind,
    }
    context.store.add(event)
    enqueue(context, event)
    _emit_as_thin(context, event, document)


def _emit_as_thin(context: Context, event: Document, document: Document) -> None:
    """Every change of a v1 object is told without the object, too, under a name of its own."""
    if event["type"] == "invoice.upcoming":  # there is nothing to fetch yet
        details = document["parent"]["subscription_details"]
        data = {"customer": document["customer"], "subscription": details["subscription"]}
        emit_thin(context, "v1.invoice.upcoming", None, data, event["id"])
    else:
        emit_thin(context, f"v1.{event['type']}", _related(document), snapshot=event["id"])


def _related(document: Document) -> Document | None:
    kind = document["object"]
    return {"id": document["id"], "type": kind, "url": f"{PATHS[kind]}/{document['id']}"} if kind in PATHS else None


def emit_thin(
    context: Context, kind: str, related: Document | None, data: Document | None = None, snapshot: str | None = None
) -> None:
    """Tell that something happened, and where to look."""
    event = {
        "id": new_id("evt_test"),
        "object": "v2.core.event",
        "changes": None,
        "context": None,
        "created": iso(context.now),
        "livemode": False,
        "reason": _reason(context),
        "snapshot_event": snapshot,
        "type": kind,
    }
    if related is not None:
        event["related_object"] = related
    if data is not None:
        event["data"] = data
    context.store.add(event, parent=related["id"] if related else None)
    enqueue(context, event)


def _reason(context: Context) -> Document | None:
    if context.request is None:
        return None
    return {
        "type": "request",
        "request": {"id": context.request, "idempotency_key": context.idempotency_key or ""},
    }


@renders("event")
def _with_pending(context: Context, event: Document) -> Document:
    """How many endpoints have not taken it yet."""
    ((pending,),) = context.store.rows(
        "SELECT count(*) FROM delivery WHERE event = ? AND state = 'waiting'", event["id"]
    )
    return {**event, "pending_webhooks": pending}


class EventList(Page):
    """Which events to list."""

    created: Range | None = None
    type: str | None = None
    types: Series[str] | None = None


@endpoints.get("/v1/events/{id}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """An event with its object as it was then."""
    return context.store.get("event", identifier)


@endpoints.get("/v1/events")
def events(context: Context, parameters: EventList) -> Paged:
    """Events, newest first."""
    kinds = parameters.types if parameters.types is not None else [parameters.type] if parameters.type else None
    found = (
        event
        for event in context.store.all("event", newest_first=True)
        if (kinds is None or any(matches(event["type"], kind) for kind in kinds))
        and (parameters.created is None or event["created"] in parameters.created)
    )
    return listing(found, parameters, "/v1/events")


def matches(kind: str, wanted: str) -> bool:
    """Whether a type is the wanted one: `*`, `customer.*` or a whole name."""
    return wanted in (kind, "*") or (wanted.endswith(".*") and kind.startswith(wanted[:-1]))
