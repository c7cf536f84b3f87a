"""The lines of invoices: periods of licensed items ahead, metered usage behind, and what changes in between cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from stripe_simulator.amounts import amount_of
from stripe_simulator.context import Context, new_id
from stripe_simulator.items import metered, price_of
from stripe_simulator.meters import counted
from stripe_simulator.storage import Document

__all__ = ["Origin", "item_line", "line_of", "pending_lines", "recounted", "usage_line"]

TIMES = "×"  # noqa: RUF001 - as on Stripe's invoices


@dataclass(frozen=True, slots=True)
class Origin:
    """What a line comes from."""

    subscription: str
    item: str
    invoice_item: str | None = None
    proration: bool = False


def line_of(
    context: Context,
    price: Document,
    origin: Origin,
    *,
    amount: int,
    quantity: int,
    period: tuple[int, int],
    description: str,
) -> Document:
    """A line."""
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": description,
        "discount_amounts": [],
        "discountable": not origin.proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": {},
        "parent": _parent(origin),
        "period": {"start": period[0], "end": period[1]},
        "pretax_credit_amounts": [],
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": quantity,
        "quantity_decimal": str(Decimal(quantity)),
        "subscription": origin.subscription,
        "subtotal": amount,
        "taxes": [],
    }


def _parent(origin: Origin) -> Document:
    details = {"proration": origin.proration, "proration_details": {"credited_items": None}}
    if origin.invoice_item is not None:
        details |= {"invoice_item": origin.invoice_item, "subscription": origin.subscription}
        return {"type": "invoice_item_details", "invoice_item_details": details, "subscription_item_details": None}
    details |= {"invoice_item": None, "subscription": origin.subscription, "subscription_item": origin.item}
    return {"type": "subscription_item_details", "invoice_item_details": None, "subscription_item_details": details}


def item_line(context: Context, item: Document) -> Document:
    """A licensed item's current period."""
    price = price_of(context, item)
    quantity = item["quantity"]
    return line_of(
        context,
        price,
        Origin(item["subscription"], item["id"]),
        amount=amount_of(price, quantity),
        quantity=quantity,
        period=(item["current_period_start"], item["current_period_end"]),
        description=f"{quantity} {TIMES} {product_name(context, price)}",
    )


def usage_line(context: Context, item: Document, customer: str, period: tuple[int, int]) -> Document:
    """What a metered item's meter counted in a period, or since the item has its price.

    It is counted again when the invoice is finalized.
    """
    period = (max(period[0], item.get("_counted_from", 0)), period[1])
    price = price_of(context, item)
    line = line_of(
        *(context, price, Origin(item["subscription"], item["id"])),
        amount=0,
        quantity=0,
        period=period,
        description=product_name(context, price),
    )
    line["_usage"] = {"customer": customer, "price": price["id"]}
    return recounted(context, line)


def recounted(context: Context, line: Document) -> Document:
    """A line of usage with all events that arrived by now; any other line as it is."""
    usage = line.get("_usage")
    if usage is None:
        return line
    price = context.store.get("price", usage["price"])
    meter = context.store.get("billing.meter", price["recurring"]["meter"])
    period = line["period"]
    quantity = max(0, counted(context, meter, usage["customer"], period["start"], period["end"]))
    amount = amount_of(price, quantity)
    return line | {
        "amount": amount,
        "subtotal": amount,
        "quantity": quantity,
        "quantity_decimal": str(Decimal(quantity)),
        "description": f"{quantity} {TIMES} {product_name(context, price)}",
    }


def pending_lines(context: Context, customer: str, subscription: str) -> list[Document]:
    """Lines of the invoice items that wait for the subscription's next invoice."""
    waiting = (each for each in context.store.all("invoiceitem", customer=customer) if each["invoice"] is None)
    return [
        _invoice_item_line(context, each)
        for each in waiting
        if each["parent"] is not None and each["parent"]["subscription_details"]["subscription"] == subscription
    ]


def _invoice_item_line(context: Context, invoice_item: Document) -> Document:
    details = invoice_item["parent"]["subscription_details"]
    return line_of(
        context,
        context.store.get("price", invoice_item["pricing"]["price_details"]["price"]),
        Origin(details["subscription"], details["subscription_item"], invoice_item["id"], invoice_item["proration"]),
        amount=invoice_item["amount"],
        quantity=invoice_item["quantity"],
        period=(invoice_item["period"]["start"], invoice_item["period"]["end"]),
        description=invoice_item["description"],
    )


def product_name(context: Context, price: Document) -> str:
    """What a price's product is called."""
    return str(context.store.get("product", price["product"])["name"])


def day(seconds: int) -> str:
    """A day as people write it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%d %b %Y")


def advance_lines(context: Context, items: list[Document]) -> list[Document]:
    """Lines of all licensed items' current periods."""
    return [item_line(context, item) for item in items if not metered(price_of(context, item))]


def arrears_lines(
    context: Context, items: list[Document], customer: str, period: tuple[int, int] | None = None
) -> list[Document]:
    """Lines of all metered items' usage, in their current period or another one."""
    return [
        usage_line(context, item, customer, period or (item["current_period_start"], item["current_period_end"]))
        for item in items
        if metered(price_of(context, item))
    ]
