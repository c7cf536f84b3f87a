"""Subscriptions as Stripe has them: asked for, never remembered from an event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import stripe
from stripe import Invoice, Price, StripeClient, Subscription, SubscriptionItem

from saas.billing.stripe_client import is_missing

__all__ = [
    "ENDED",
    "current_subscription",
    "due_at",
    "late_since",
    "moment",
    "plan_item",
    "subscriptions_of",
    "usage_prices",
]

ENDED = frozenset({"canceled", "incomplete_expired"})
NOT_PAID: tuple[Literal["open", "uncollectible"], ...] = ("open", "uncollectible")


async def current_subscription(client: StripeClient, customer_id: str) -> Subscription | None:
    """The subscription that a customer has: of several the newest that has not ended, else the newest.

    An event about an older one, however late it comes, so never hides the one that replaced it.
    """
    found = await subscriptions_of(client, customer_id)
    return max(found, key=lambda item: (item.status not in ENDED, item.created), default=None)


async def subscriptions_of(client: StripeClient, customer_id: str) -> list[Subscription]:
    """All subscriptions that a customer has or had; none of one that Stripe does not know."""
    try:
        page = await client.v1.subscriptions.list_async({"customer": customer_id, "status": "all", "limit": 100})
        return [subscription async for subscription in page.auto_paging_iter()]
    except stripe.InvalidRequestError as error:
        if is_missing(error):
            return []
        raise


async def late_since(client: StripeClient, subscription: Subscription) -> datetime | None:
    """Since when a payment is late: when the oldest invoice that is not paid was first to be paid; `None` without one.

    Events do not say, and when this service hears of it is another matter.
    """
    due: list[int] = []
    for status in NOT_PAID:
        page = await client.v1.invoices.list_async({"subscription": subscription.id, "status": status, "limit": 100})
        async for invoice in page.auto_paging_iter():
            if (at := due_at(invoice)) is not None:
                due.append(at)
    return moment(min(due)) if due else None


def due_at(invoice: Invoice) -> int | None:
    """When an invoice is to be paid: by its day if it was sent with one, else at once; `None` of a draft."""
    return invoice.due_date or invoice.status_transitions.finalized_at


def moment(seconds: int) -> datetime:
    """A time as Stripe says it."""
    return datetime.fromtimestamp(seconds, UTC)


def plan_item(subscription: Subscription) -> SubscriptionItem:
    """The item of a subscription that is the plan: the one that is licensed. The others are for usage."""
    items: list[SubscriptionItem] = subscription["items"].data
    return next((item for item in items if not _for_usage(item.price)), items[0])


def usage_prices(subscription: Subscription) -> frozenset[str]:
    """What a subscription has usage cost."""
    return frozenset(item.price.id for item in subscription["items"].data if _for_usage(item.price))


def _for_usage(price: Price) -> bool:
    return price.recurring is not None and price.recurring.usage_type == "metered"
