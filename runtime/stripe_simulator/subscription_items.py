"""What a subscription consists of, `/v1/subscription_items`: prices, with quantities where those are not metered."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stripe_simulator.context import Context, new_id
from stripe_simulator.errors import StripeError
from stripe_simulator.objects import Paged, deleted, listing, rendered, renders
from stripe_simulator.parameters import Closed, Metadata, Page, Parameters, Retrieve
from stripe_simulator.prices import plan_of
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["add_item", "endpoints", "items_of", "metered", "price_of", "subscribable"]

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


def subscribable(context: Context, identifier: str, param: str) -> Document:
    """A price that can be subscribed to. Raises `StripeError` when it cannot."""
    price = context.store.get("price", identifier, param)
    if not price["active"]:
        raise StripeError("The price specified is inactive. This field only accepts active prices.", param=param)
    if price["recurring"] is None:
        raise StripeError("The price specified is set to `type=one_time`; it has to be recurring.", param=param)
    return price


def metered(price: Document) -> bool:
    """Whether a price is for what a meter counts."""
    return bool(price["recurring"]["usage_type"] == "metered")


def price_of(context: Context, item: Document) -> Document:
    """An item's price."""
    return context.store.get("price", item["price"])


def quantity_for(price: Document, quantity: int | None, param: str) -> int | None:
    """How many of a price. Raises `StripeError` for a quantity of what is metered."""
    if not metered(price):
        return 1 if quantity is None else quantity
    if quantity is not None:
        raise StripeError("The quantity of a metered price is what its meter counts.", param=param)
    return None


def add_item(
    context: Context, subscription: str, price: Document, quantity: int | None, period: tuple[int, int]
) -> Document:
    """A new item, in the current period of its subscription."""
    item = {
        "id": new_id("si", 14),
        "object": KIND,
        "billed_until": None,
        "billing_thresholds": None,
        "created": context.now,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": [],
        "metadata": {},
        "price": price["id"],
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }
    return context.store.add(item, parent=subscription)


def items_of(context: Context, subscription: str) -> list[Document]:
    """A subscription's items, in the order in which they were added."""
    return list(context.store.all(KIND, parent=subscription))


@renders(KIND)
def _with_price(context: Context, item: Document) -> Document:
    price = price_of(context, item)
    whole = {**item, "price": rendered(context, price), "plan": plan_of(price)}
    if whole["quantity"] is None:
        del whole["quantity"]
    return whole


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
    from stripe_simulator import changes

    before = {each["id"] for each in items_of(context, parameters.subscription)}
    item = changes.ItemChange(price=parameters.price, quantity=parameters.quantity, metadata=parameters.metadata)
    changes.change_items(context, parameters.subscription, [item], changes.terms_of(parameters))
    return next(each for each in items_of(context, parameters.subscription) if each["id"] not in before)


@endpoints.post("/v1/subscription_items/{item}")
def update(context: Context, parameters: ItemUpdate, identifier: str) -> Document:
    """An item with another price or quantity."""
    from stripe_simulator import changes

    item = context.store.get(KIND, identifier, "item")
    names = parameters.model_fields_set & {"price", "quantity", "metadata"}
    change = changes.ItemChange(id=identifier, **{name: getattr(parameters, name) for name in names})
    changes.change_items(context, item["subscription"], [change], changes.terms_of(parameters))
    return context.store.get(KIND, identifier, "item")


@endpoints.delete("/v1/subscription_items/{item}")
def delete(context: Context, parameters: ItemDelete, identifier: str) -> Document:
    """A subscription without the item."""
    from stripe_simulator import changes

    item = context.store.get(KIND, identifier, "item")
    change = changes.ItemChange(id=identifier, deleted=True, clear_usage=parameters.clear_usage)
    changes.change_items(context, item["subscription"], [change], changes.terms_of(parameters))
    return deleted(item)
