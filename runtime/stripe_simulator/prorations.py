"""What a change within a period costs: credit for the rest of the old, the rest of the new, to the second."""

from __future__ import annotations

from decimal import Decimal

from stripe_simulator.amounts import amount_of, share
from stripe_simulator.context import Context, new_id
from stripe_simulator.events import emit
from stripe_simulator.invoice_lines import TIMES, day, product_name, usage_line
from stripe_simulator.items import metered, price_of
from stripe_simulator.storage import Document

__all__ = ["prorate", "settle_usage"]


def prorate(context: Context, subscription: Document, old: Document | None, new: Document | None, at: int) -> None:
    """Invoice items for an item that was `old` and is `new` from a time on; metered prices have none."""
    item = new or old
    if item is None:
        return
    period = item["current_period_start"], item["current_period_end"]
    whole, rest = period[1] - period[0], period[1] - min(max(at, period[0]), period[1])
    if old is not None and not metered(price := price_of(context, old)):
        amount = -share(amount_of(price, old["quantity"]), rest, whole)
        text = f"Unused time on {old['quantity']} {TIMES} {product_name(context, price)} after {day(at)}"
        _invoice_item(context, subscription, old, amount=amount, period=(at, period[1]), description=text)
    if new is not None and not metered(price := price_of(context, new)):
        amount = share(amount_of(price, new["quantity"]), rest, whole)
        text = f"Remaining time on {new['quantity']} {TIMES} {product_name(context, price)} after {day(at)}"
        _invoice_item(context, subscription, new, amount=amount, period=(at, period[1]), description=text)


def settle_usage(context: Context, subscription: Document, item: Document) -> None:
    """What a metered item counted until it is gone."""
    line = usage_line(context, item, subscription["customer"], (item["current_period_start"], context.now))
    if line["quantity"]:
        _invoice_item(
            context,
            subscription,
            {**item, "quantity": line["quantity"]},
            amount=line["amount"],
            period=(item["current_period_start"], context.now),
            description=line["description"],
            proration=False,
        )


def _invoice_item(
    context: Context,
    subscription: Document,
    item: Document,
    *,
    amount: int,
    period: tuple[int, int],
    description: str,
    proration: bool = True,
) -> None:
    price = price_of(context, item)
    invoice_item = {
        "id": new_id("ii"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": price["currency"],
        "customer": subscription["customer"],
        "customer_account": None,
        "date": context.now,
        "description": description,
        "discountable": not proration,
        "discounts": [],
        "frozen_fields": None,
        "invoice": None,
        "invoicing_rules": None,
        "livemode": False,
        "metadata": {},
        "net_amount": amount,
        "parent": {
            "type": "subscription_details",
            "subscription_details": {"subscription": subscription["id"], "subscription_item": item["id"]},
        },
        "period": {"start": period[0], "end": period[1]},
        "pricing": {
            "type": "price_details",
            "price_details": {"price": price["id"], "product": price["product"]},
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "proration": proration,
        "proration_details": {"credited_items": None, "discount_amounts": []} if proration else None,
        "quantity": item["quantity"],
        "quantity_decimal": str(Decimal(item["quantity"])),
        "tax_rates": [],
        "test_clock": None,
    }
    context.store.add(invoice_item, customer=subscription["customer"])
    emit(context, "invoiceitem.created", invoice_item)
