"""Subscriptions as Stripe has them: asked for, never remembered from an event."""

from __future__ import annotations

from stripe import StripeClient, Subscription

__all__ = ["current_subscription"]

ENDED = frozenset({"canceled", "incomplete_expired"})


async def current_subscription(client: StripeClient, customer_id: str) -> Subscription | None:
    """The subscription that a customer has: of several the newest that has not ended, else the newest.

    An event about an older one, however late it comes, so never hides the one that replaced it.
    """
    page = await client.v1.subscriptions.list_async({"customer": customer_id, "status": "all", "limit": 100})
    found = [subscription async for subscription in page.auto_paging_iter()]
    return max(found, key=lambda item: (item.status not in ENDED, item.created), default=None)
