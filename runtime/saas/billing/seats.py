"""Seats that are paid for at Stripe: `seats.change` books them; they follow by `seats.follow` and `seats.settle`."""

from __future__ import annotations

from generated.saas.billing.membership_changed import MembershipChanged
from generated.saas.billing.seats_change import OPERATION, SeatsChangeInput
from generated.saas.billing.seats_follow import SeatsFollowOutput
from generated.saas.billing.seats_settle import SeatsSettleOutput
from generated.saas.billing.subscription_at_stripe import SubscriptionAtStripe
from generated.saas.billing.subscription_changed import SubscriptionChanged
from saas.billing import organization, stripe_plans
from saas.billing.asking_stripe import asking
from saas.billing.stripe_client import stripe_client
from saas.billing.stripe_plans import SEATS_AT_LEAST
from saas.billing.stripe_subscriptions import ENDED, current_subscription, plan_item
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["change", "follow", "settle"]


# Until the first payment has come, Stripe lets nobody change items; when it has, `settle` is told.
UNCHANGEABLE = ENDED | {"incomplete"}


async def change(uow: UnitOfWork, payload: SeatsChangeInput, /) -> SubscriptionAtStripe:
    """Have at least so many seats, or as many as there are members."""
    async with asking(uow, OPERATION, payload.idempotency_key, alone=True) as asked:
        customer, members = await organization.stripe_customer(uow), await stripe_plans.members(uow)
        subscription = await stripe_plans.running_subscription(asked, customer)
        item = plan_item(subscription)
        if not stripe_plans.per_member(item.price):
            raise asked.refusal("no_seats")
        if payload.seats is not None and payload.seats < members:
            raise asked.refusal("seats_taken", f"The organization has {members} members.")
        changed = await asked.client.v1.subscriptions.update_async(
            subscription.id,
            {
                "items": [
                    {"id": item.id, "quantity": stripe_plans.quantity(item.price, members, payload.seats or 1)},
                ],
                "metadata": {SEATS_AT_LEAST: "" if payload.seats is None else str(payload.seats)},
                "proration_behavior": "create_prorations",
            },
            asked.once("change"),
        )
    return stripe_plans.shown(changed)


async def follow(uow: UnitOfWork, _payload: MembershipChanged, /) -> SeatsFollowOutput:
    """Set the seats to what they should be now, after a change of the members."""
    return SeatsFollowOutput(seats=await _set(uow))


async def settle(uow: UnitOfWork, _payload: SubscriptionChanged, /) -> SeatsSettleOutput:
    """The same, after a change of the subscription."""
    return SeatsSettleOutput(seats=await _set(uow))


async def _set(uow: UnitOfWork) -> int | None:
    """The seats that are paid for from now on: whatever was told, the present members and subscription decide."""
    customer = await organization.stripe_customer(uow)
    if customer is None:
        return None
    await organization.serialize(uow)  # nobody books seats meanwhile, and whoever joins is counted by the next job
    client = await stripe_client(uow.settings)
    subscription = await current_subscription(client, customer)
    if subscription is None or subscription.status in UNCHANGEABLE:
        return None
    item = plan_item(subscription)
    if not stripe_plans.per_member(item.price):
        return None
    at_least = stripe_plans.seats_at_least(subscription)
    seats = stripe_plans.quantity(item.price, await stripe_plans.members(uow), at_least)
    if item.quantity != seats:
        await client.v1.subscription_items.update_async(
            item.id,
            {"quantity": seats, "proration_behavior": "create_prorations"},
            {"idempotency_key": f"seats-{uow.tenant}-{uow.job_id}-{seats}"},
        )
    return seats
