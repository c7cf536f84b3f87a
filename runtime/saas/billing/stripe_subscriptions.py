"""Subscriptions as Stripe has them: asked for, never remembered from an event."""

from __future__ import annotations

from stripe import Price, StripeClient, Subscription, SubscriptionItem

__all__ = ["ENDED", "current_subscription", "plan_item", "usage_prices"]

ENDED = frozenset({"canceled", "incomplete_expired"})


async def current_subscription(client: StripeClient, customer_id: str) -> Subscription | None:
    """The subscription that a customer has: of several the newest that has not ended, else the newest.

    An event about an older one, however late it comes, so never hides the one that replaced it.
    """
    page = await client.v1.subscriptions.list_async({"customer": customer_id, "status": "all", "limit": 100})
    found = [subscription async for subscription in page.auto_paging_iter()]
    return max(found, key=lambda item: (item.status not in ENDED, item.created), default=None)


def plan_item(subscription: Subscription) -> SubscriptionItem:
    """The item of a subscription that is the plan: the one that is licensed. The others are for usage."""
    items: list[SubscriptionItem] = subscription["items"].data
    return next((item for item in items if not _for_usage(item.price)), items[0])


def usage_prices(subscription: Subscription) -> frozenset[str]:
    """What a subscription has usage cost."""
    return frozenset(item.price.id for item in subscription["items"].data if _for_usage(item.price))


def _for_usage(price: Price) -> bool:
    return price.recurring is not None and price.recurring.usage_type == "metered"
