"""The items of subscriptions as they are kept: prices, with quantities where those are not metered."""

from __future__ import annotations

from stripe_simulator.context import Context, new_id
from stripe_simulator.errors import StripeError
from stripe_simulator.objects import rendered, renders
from stripe_simulator.prices import plan_of
from stripe_simulator.storage import Document

__all__ = ["add_item", "items_of", "metered", "price_of", "quantity_for", "subscribable"]

KIND = "subscription_item"


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
