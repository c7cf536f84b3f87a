"""What a subscription is at, and that its changes are told."""

from __future__ import annotations

from stripe_simulator.context import Context
from stripe_simulator.entitlements import refresh
from stripe_simulator.events import emit
from stripe_simulator.objects import rendered, renders, whole_list
from stripe_simulator.storage import Document

__all__ = ["ENDED", "set_status", "tell_update"]

ENDED = ("canceled", "incomplete_expired")


@renders("subscription")
def _with_items(context: Context, subscription: Document) -> Document:
    items = context.store.all("subscription_item", parent=subscription["id"])
    url = f"/v1/subscription_items?subscription={subscription['id']}"
    return {**subscription, "items": whole_list(context, items, url, limit=20)}


def tell_update(context: Context, before: Document, subscription: Document) -> None:
    """Keep a subscription, and tell what is otherwise than in `before`, which is rendered."""
    context.store.save(subscription)
    after = rendered(context, subscription)
    previous = {name: before.get(name) for name in after if after[name] != before.get(name)}
    if previous:
        emit(context, "customer.subscription.updated", subscription, previous)
    refresh(context, subscription["customer"])


def set_status(context: Context, subscription: Document, status: str) -> None:
    """A subscription that is something else now."""
    before = rendered(context, subscription)
    subscription["status"] = status
    tell_update(context, before, subscription)
