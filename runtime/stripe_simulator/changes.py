"""Changing what a subscription consists of: other prices, quantities, items; what that costs, and when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from stripe_simulator.beginning import check_fits
from stripe_simulator.collecting import charge, collect
from stripe_simulator.context import Context
from stripe_simulator.errors import Missing, StripeError, Undone
from stripe_simulator.invoice_lines import advance_lines, pending_lines
from stripe_simulator.invoicing import in_order
from stripe_simulator.items import (
    add_item,
    items_of,
    metered,
    price_of,
    quantity_for,
    subscribable,
)
from stripe_simulator.objects import rendered
from stripe_simulator.parameters import Closed, Metadata, merged_metadata
from stripe_simulator.periods import period_end, same_rhythm
from stripe_simulator.prorations import prorate, settle_usage
from stripe_simulator.renewals import current_period, plan_renewal
from stripe_simulator.states import ENDED, tell_update
from stripe_simulator.storage import Document

__all__ = ["ItemChange", "Terms", "change_items", "terms_of"]


class ItemChange(Closed):
    """An item to add (without `id`), change or remove."""

    id: str | None = None
    price: str | None = None
    quantity: int | None = Field(default=None, ge=0)
    deleted: bool = False
    clear_usage: bool | None = None
    metadata: Metadata = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How a change is settled."""

    proration_behavior: str = "create_prorations"
    payment_behavior: str = "allow_incomplete"
    proration_date: int | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a subscription was due before its change: its period, and a price that it was for."""

    period: tuple[int, int]
    price: Document

    def period_of(self, context: Context, subscription: Document, price: Document) -> tuple[int, int]:
        """The period that a price is for: the running one, or one from now on when it is due at other times."""
        if subscription["status"] == "trialing" or same_rhythm(self.price, price):
            return self.period
        return context.now, period_end(context.now, context.now, price["recurring"])


def terms_of(parameters: Any) -> Terms:
    """The terms that a request names."""
    return Terms(
        parameters.proration_behavior or "create_prorations",
        parameters.payment_behavior or "allow_incomplete",
        parameters.proration_date,
    )


def change_items(context: Context, identifier: str, changes: Sequence[ItemChange], terms: Terms) -> None:
    """Change a subscription's items, and tell of it. Raises `StripeError` for what cannot be."""
    subscription = context.store.get("subscription", identifier, "subscription")
    if subscription["status"] in ENDED:
        raise StripeError("A canceled subscription can only update its cancellation_details and metadata.")
    if subscription["status"] == "incomplete":
        raise StripeError("An incomplete subscription can only have its metadata and default_source updated.")
    before = rendered(context, subscription)
    rhythm = Rhythm(current_period(context, identifier), price_of(context, items_of(context, identifier)[0]))
    for position, change in enumerate(changes):
        _apply(context, subscription, change, f"items[{position}]", terms, rhythm)
    _check(context, identifier)
    turned = current_period(context, identifier) != rhythm.period
    if turned:
        subscription["billing_cycle_anchor"] = context.now
        plan_renewal(context, subscription)
    tell_update(context, before, subscription)
    if terms.proration_behavior == "always_invoice" or turned:
        _invoice_now(context, subscription, terms, whole_period=turned)


def _check(context: Context, identifier: str) -> None:
    """Raises `StripeError` when what the subscription consists of now cannot be."""
    prices = [price_of(context, item) for item in items_of(context, identifier)]
    if not prices:
        raise StripeError("A subscription must have at least one active price.", param="items")
    for position, price in enumerate(prices):
        check_fits(price, prices[:position], "items")


def _apply(
    context: Context, subscription: Document, change: ItemChange, where: str, terms: Terms, rhythm: Rhythm
) -> None:
    if change.id is None:
        new = _added(context, subscription, change, where, rhythm)
        _settle(context, subscription, None, new, terms, rhythm)
        return
    items = {item["id"]: item for item in items_of(context, subscription["id"])}
    old = items.get(change.id)
    if old is None:
        raise Missing("subscription item", change.id, f"{where}[id]")
    new_item = None if change.deleted else _changed(context, subscription, old, change, where, rhythm)
    if new_item is None:
        context.store.remove(old["id"])
    left = new_item is None or new_item["price"] != old["price"]
    if left and metered(price_of(context, old)) and not change.clear_usage:
        settle_usage(context, subscription, old)
    if new_item is None or (new_item["price"], new_item["quantity"]) != (old["price"], old["quantity"]):
        _settle(context, subscription, old, new_item, terms, rhythm)


def _added(context: Context, subscription: Document, change: ItemChange, where: str, rhythm: Rhythm) -> Document:
    if change.price is None:
        raise StripeError(f"Missing required param: {where}[price].", code="parameter_missing", param=f"{where}[price]")
    price = subscribable(context, change.price, f"{where}[price]")
    quantity = quantity_for(price, change.quantity, f"{where}[quantity]")
    period = rhythm.period_of(context, subscription, price)
    item = add_item(context, subscription["id"], price, quantity, period)
    return context.store.save({**item, "metadata": change.metadata or {}, "_counted_from": context.now})


def _changed(
    context: Context, subscription: Document, old: Document, change: ItemChange, where: str, rhythm: Rhythm
) -> Document:
    item, said = dict(old), change.model_fields_set
    if change.price is not None and change.price != old["price"]:
        price = subscribable(context, change.price, f"{where}[price]")
        quantity = change.quantity if "quantity" in said or metered(price) else old["quantity"]
        start, end = rhythm.period_of(context, subscription, price)
        item |= {"price": price["id"], "quantity": quantity_for(price, quantity, f"{where}[quantity]")}
        item |= {"current_period_start": start, "current_period_end": end, "_counted_from": context.now}
    elif "quantity" in said and change.quantity is not None:
        item["quantity"] = quantity_for(price_of(context, old), change.quantity, f"{where}[quantity]")
    if "metadata" in said:
        item["metadata"] = merged_metadata(old["metadata"], change.metadata)
    return context.store.save(item)


def _settle(
    context: Context,
    subscription: Document,
    old: Document | None,
    new: Document | None,
    terms: Terms,
    rhythm: Rhythm,
) -> None:
    """Put what the change costs on the next invoice, unless that is not wanted or nothing was paid for yet.

    An item that begins a period of its own is invoiced whole.
    """
    if terms.proration_behavior == "none" or subscription["status"] not in ("active", "past_due"):
        return
    goes_on = new is not None and (new["current_period_start"], new["current_period_end"]) == rhythm.period
    at = context.now if terms.proration_date is None else terms.proration_date
    prorate(context, subscription, old, new if goes_on else None, at)


def _invoice_now(context: Context, subscription: Document, terms: Terms, *, whole_period: bool) -> None:
    lines = pending_lines(context, subscription["customer"], subscription["id"])
    if whole_period:
        lines += advance_lines(context, items_of(context, subscription["id"]))
    if not lines or subscription["status"] not in ("active", "past_due"):
        return
    invoice = in_order(context, subscription, "subscription_update", lines)
    if terms.payment_behavior == "error_if_incomplete":
        failure = charge(context, invoice)
        if failure is not None:
            raise Undone(failure.message, code="card_declined", decline_code=failure.code)
    collect(context, invoice)
