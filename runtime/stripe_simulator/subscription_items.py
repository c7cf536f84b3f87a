"""What a subscription consists of, `/v1/subscription_items`: looked at, added, changed and removed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stripe_simulator.changes import ItemChange, change_items, terms_of
from stripe_simulator.context import Context
from stripe_simulator.items import items_of
from stripe_simulator.objects import Paged, deleted, listing
from stripe_simulator.parameters import Closed, Metadata, Page, Parameters, Retrieve
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["endpoints"]

endpoints = Endpoints()
KIND = "subscription_item"


class ItemList(Page):
    """Whose items to list."""

    subscription: str


class Settled(Closed):
    """How a change is settled."""

    payment_behavior: Literal["allow_incomplete", "error_if_incomplete"] | None = None
    proration_behavior: Literal["create_prorations", "always_invoice", "none"] | None = None
    proration_date: int | None = None


class ItemCreate(Settled, Parameters):
    """What a new item takes."""

    subscription: str
    price: str
    quantity: int | None = Field(default=None, ge=0)
    metadata: Metadata = None


class ItemUpdate(Settled, Parameters):
    """What can be changed of an item."""

    price: str | None = None
    quantity: int | None = Field(default=None, ge=0)
    metadata: Metadata = None


class ItemDelete(Settled):
    """What removing an item takes."""

    clear_usage: bool | None = None


@endpoints.get("/v1/subscription_items/{item}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """An item."""
    return context.store.get(KIND, identifier, "item")


@endpoints.get("/v1/subscription_items")
def items(context: Context, parameters: ItemList) -> Paged:
    """A subscription's items."""
    context.store.get("subscription", parameters.subscription, "subscription")
    found = context.store.all(KIND, parent=parameters.subscription, newest_first=True)
    return listing(found, parameters, "/v1/subscription_items")


@endpoints.post("/v1/subscription_items")
def create(context: Context, parameters: ItemCreate) -> Document:
    """Another item for a subscription."""
    before = {each["id"] for each in items_of(context, parameters.subscription)}
    item = ItemChange(price=parameters.price, quantity=parameters.quantity, metadata=parameters.metadata)
    change_items(context, parameters.subscription, [item], terms_of(parameters))
    return next(each for each in items_of(context, parameters.subscription) if each["id"] not in before)


@endpoints.post("/v1/subscription_items/{item}")
def update(context: Context, parameters: ItemUpdate, identifier: str) -> Document:
    """An item with another price or quantity."""
    item = context.store.get(KIND, identifier, "item")
    names = parameters.model_fields_set & {"price", "quantity", "metadata"}
    change = ItemChange(id=identifier, **{name: getattr(parameters, name) for name in names})
    change_items(context, item["subscription"], [change], terms_of(parameters))
    return context.store.get(KIND, identifier, "item")


@endpoints.delete("/v1/subscription_items/{item}")
def delete(context: Context, parameters: ItemDelete, identifier: str) -> Document:
    """A subscription without the item."""
    item = context.store.get(KIND, identifier, "item")
    change = ItemChange(id=identifier, deleted=True, clear_usage=parameters.clear_usage)
    change_items(context, item["subscription"], [change], terms_of(parameters))
    return deleted(item)
