"""Plans as Stripe offers them, and the subscription that is changed: what we read there, and keep nowhere.

A plan is a licensed price that is active. Its metadata says the rest: `metered_prices` are the prices, with commas,
that usage has beside it, and `seats: members` has it paid for once for each member.
"""

from __future__ import annotations

from datetime import UTC, datetime

import stripe
from sqlmodel import func, select
from stripe import Customer, Price, Subscription

from generated.saas.billing.membership import Membership
from generated.saas.billing.subscription_at_stripe import SubscriptionAtStripe
from generated.saas.billing.subscription_status import SubscriptionStatus
from saas.billing.asking_stripe import Asking
from saas.billing.stripe_client import is_missing
from saas.billing.stripe_subscriptions import ENDED, current_subscription, plan_item
from treaty_runtime.unit_of_work import Transaction

__all__ = [
    "SEATS_AT_LEAST",
    "members",
    "metered_prices",
    "noted",
    "offered",
    "per_member",
    "quantity",
    "running_subscription",
    "seats_at_least",
    "shown",
]

SEATS_AT_LEAST = "seats_at_least"  # of a subscription's metadata: how many seats were booked, taken or not


async def offered(asked: Asking, price_id: str) -> Price:
    """The plan with this price. Raises the operation's `unknown_price` when none is offered at it."""
    try:
        price = await asked.client.v1.prices.retrieve_async(price_id)
    except stripe.InvalidRequestError as error:
        if is_missing(error):
            raise asked.refusal("unknown_price") from error
        raise
    if not price.active or price.recurring is None or price.recurring.usage_type != "licensed":
        raise asked.refusal("unknown_price")
    return price


async def running_subscription(asked: Asking, customer_id: str | None) -> Subscription:
    """The customer's subscription. Raises the operation's `no_subscription` when there is none, or it has ended."""
    found = None if customer_id is None else await current_subscription(asked.client, customer_id)
    if found is None or found.status in ENDED:
        raise asked.refusal("no_subscription")
    return found


def noted(thing: Price | Subscription | Customer) -> dict[str, str]:
    """What the metadata of something says."""
    return thing.metadata.to_dict() if thing.metadata is not None else {}


def metered_prices(price: Price) -> frozenset[str]:
    """What a plan says that usage costs beside it."""
    named = noted(price).get("metered_prices", "")
    return frozenset(part.strip() for part in named.split(",") if part.strip())


def per_member(price: Price) -> bool:
    """Whether a plan is paid for by the seat."""
    return noted(price).get("seats") == "members"


def quantity(price: Price, members: int, at_least: int = 1) -> int:
    """How often a plan is paid for."""
    return max(members, at_least, 1) if per_member(price) else 1


def seats_at_least(subscription: Subscription) -> int:
    """How many seats were booked, taken or not."""
    said = noted(subscription).get(SEATS_AT_LEAST, "")
    return int(said) if said.isdecimal() else 1


def shown(subscription: Subscription) -> SubscriptionAtStripe:
    """A subscription as Stripe has just answered."""
    item = plan_item(subscription)
    seats: int | None = getattr(item, "quantity", None)  # what is for usage has none
    return SubscriptionAtStripe(
        price_id=item.price.id,
        status=SubscriptionStatus(subscription.status),
        seats=seats if seats is not None else 1,
        cancel_at_period_end=subscription.cancel_at_period_end,
        current_period_end=datetime.fromtimestamp(item.current_period_end, UTC),
    )


async def members(uow: Transaction) -> int:
    """How many people belong to the organization."""
    return (await uow.session.exec(select(func.count()).select_from(Membership))).one()
