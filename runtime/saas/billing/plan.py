"""Another plan: what it would cost, and the change: `plan.preview` and `plan.change`. Stripe does all the sums."""

from __future__ import annotations

from stripe import Price, Subscription

from generated.saas.billing import plan_change, plan_preview
from generated.saas.billing.plan_change import PlanChangeInput
from generated.saas.billing.plan_preview import PlanPreviewInput, PlanPreviewOutput
from generated.saas.billing.proration import Proration
from generated.saas.billing.subscription_at_stripe import SubscriptionAtStripe
from saas.billing import invoices, organization, stripe_plans
from saas.billing.asking_stripe import Asking, asking
from saas.billing.stripe_subscriptions import plan_item, usage_prices
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["change", "preview"]


async def preview(uow: UnitOfWork, payload: PlanPreviewInput, /) -> PlanPreviewOutput:
    """Ask Stripe for the invoice that a change of plan would lead to."""
    customer, members = await organization.stripe_customer(uow), await stripe_plans.members(uow)
    async with asking(uow, plan_preview.OPERATION) as asked:
        subscription, price = await _change(asked, customer, payload.price_id)
        invoice = await asked.client.v1.invoices.create_preview_async(
            {
                "subscription": subscription.id,
                "subscription_details": {
                    "items": [
                        {
                            "id": plan_item(subscription).id,
                            "price": price.id,
                            "quantity": _quantity(price, subscription, members),
                        }
                    ],
                    "proration_behavior": (payload.proration or Proration.CREATE_PRORATIONS).value,
                },
            }
        )
        lines = await invoices.all_lines(asked, invoice)
    return PlanPreviewOutput(currency=invoice.currency, amount_due=invoice.amount_due, lines=lines)


async def change(uow: UnitOfWork, payload: PlanChangeInput, /) -> SubscriptionAtStripe:
    """Have Stripe put the subscription's item at another price; our tables follow its webhook."""
    async with asking(uow, plan_change.OPERATION, payload.idempotency_key, alone=True) as asked:
        customer, members = await organization.stripe_customer(uow), await stripe_plans.members(uow)
        subscription, price = await _change(asked, customer, payload.price_id)
        changed = await asked.client.v1.subscriptions.update_async(
            subscription.id,
            {
                "items": [
                    {
                        "id": plan_item(subscription).id,
                        "price": price.id,
                        "quantity": _quantity(price, subscription, members),
                    }
                ],
                "proration_behavior": (payload.proration or Proration.CREATE_PRORATIONS).value,
                "payment_behavior": "error_if_incomplete",
            },
            asked.once("change"),
        )
    return stripe_plans.shown(changed)


async def _change(asked: Asking, customer: str | None, price_id: str) -> tuple[Subscription, Price]:
    """What is changed, and to what. Raises what is in the way."""
    subscription = await stripe_plans.running_subscription(asked, customer)
    price = await stripe_plans.offered(asked, price_id)
    if price.currency != subscription.currency:
        raise asked.refusal("currency_differs")
    if stripe_plans.metered_prices(price) != usage_prices(subscription):
        raise asked.refusal("other_usage_prices")
    return subscription, price


def _quantity(price: Price, subscription: Subscription, members: int) -> int:
    return stripe_plans.quantity(price, members, stripe_plans.seats_at_least(subscription))
