"""What a customer is entitled to, as Stripe has it: all of it, however long the list, and how far it is paid for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import stripe
from stripe import StripeClient, Subscription

from generated.saas.billing.subscription_status import SubscriptionStatus
from saas.billing.stripe_client import is_missing
from saas.billing.stripe_subscriptions import late_since, moment, subscriptions_of

__all__ = ["Entitled", "entitled_at_stripe", "is_customer"]

# Of several subscriptions, the one that gives most counts.
MOST_FIRST = (
    SubscriptionStatus.ACTIVE,
    SubscriptionStatus.TRIALING,
    SubscriptionStatus.PAST_DUE,
    SubscriptionStatus.UNPAID,
    SubscriptionStatus.CANCELED,
    SubscriptionStatus.PAUSED,
    SubscriptionStatus.INCOMPLETE,
    SubscriptionStatus.INCOMPLETE_EXPIRED,
)
LAPSED = frozenset({SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID, SubscriptionStatus.CANCELED})


@dataclass(frozen=True, slots=True)
class Entitled:
    """The entitlements that Stripe lists, their ids by lookup key; where the subscription stands that counts.

    `lapsed_at` is since when that one is not paid for any more: a payment is late, or it has ended.
    """

    features: Mapping[str, str]
    status: SubscriptionStatus | None
    lapsed_at: datetime | None


async def entitled_at_stripe(client: StripeClient, customer_id: str) -> Entitled:
    """Ask Stripe for all of it. A customer that Stripe does not know is entitled to nothing."""
    features = await _features(client, customer_id)
    counting = _counting(await subscriptions_of(client, customer_id))
    if counting is None:
        return Entitled(features, None, None)
    return Entitled(features, SubscriptionStatus(counting.status), await _lapsed_at(client, counting))


async def is_customer(client: StripeClient, customer_id: str) -> bool:
    """Whether Stripe has such a customer, and has not deleted it."""
    try:
        customer = await client.v1.customers.retrieve_async(customer_id)
    except stripe.InvalidRequestError as error:
        if is_missing(error):
            return False
        raise
    return not getattr(customer, "deleted", False)


async def _features(client: StripeClient, customer_id: str) -> dict[str, str]:
    try:
        page = await client.v1.entitlements.active_entitlements.list_async({"customer": customer_id, "limit": 100})
        return {entitlement.lookup_key: entitlement.id async for entitlement in page.auto_paging_iter()}
    except stripe.InvalidRequestError as error:
        if is_missing(error):
            return {}
        raise


def _counting(found: list[Subscription]) -> Subscription | None:
    """The subscription that gives most; of several that give the same, the newest."""
    return min(found, key=lambda item: (MOST_FIRST.index(SubscriptionStatus(item.status)), -item.created), default=None)


async def _lapsed_at(client: StripeClient, subscription: Subscription) -> datetime | None:
    if SubscriptionStatus(subscription.status) not in LAPSED:
        return None
    late = await late_since(client, subscription)
    ended = moment(subscription.ended_at) if subscription.ended_at else None
    return min(filter(None, (late, ended)), default=None)  # who is late and then ends has had the time of grace
