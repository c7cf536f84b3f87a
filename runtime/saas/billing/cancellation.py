"""The end of a subscription at Stripe, and its taking back: `subscription.cancel` and `subscription.resume`."""

from __future__ import annotations

from generated.saas.billing import subscription_cancel, subscription_resume
from generated.saas.billing.cancellation_time import CancellationTime
from generated.saas.billing.subscription_at_stripe import SubscriptionAtStripe
from generated.saas.billing.subscription_cancel import SubscriptionCancelInput
from generated.saas.billing.subscription_resume import SubscriptionResumeInput
from saas.billing import organization, stripe_plans
from saas.billing.asking_stripe import asking
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["cancel", "resume"]


async def cancel(uow: UnitOfWork, payload: SubscriptionCancelInput, /) -> SubscriptionAtStripe:
    """Have the subscription end, with its period or now; usage that no invoice has is billed then."""
    customer = await organization.stripe_customer(uow)
    async with asking(uow, subscription_cancel.OPERATION, payload.idempotency_key) as asked:
        subscription = await stripe_plans.running_subscription(asked, customer)
        subscriptions = asked.client.v1.subscriptions
        if payload.at is CancellationTime.NOW:
            ended = await subscriptions.cancel_async(subscription.id, {"invoice_now": True}, asked.once("cancel"))
        else:
            ended = await subscriptions.update_async(
                subscription.id, {"cancel_at_period_end": True}, asked.once("cancel")
            )
    return stripe_plans.shown(ended)


async def resume(uow: UnitOfWork, payload: SubscriptionResumeInput, /) -> SubscriptionAtStripe:
    """Have the subscription go on after its period."""
    customer = await organization.stripe_customer(uow)
    async with asking(uow, subscription_resume.OPERATION, payload.idempotency_key) as asked:
        subscription = await stripe_plans.running_subscription(asked, customer)
        resumed = await asked.client.v1.subscriptions.update_async(
            subscription.id, {"cancel_at_period_end": False}, asked.once("resume")
        )
    return stripe_plans.shown(resumed)
