"""What finance has set up at Stripe before the first customer comes: a meter, and a plan with a price for usage."""

from __future__ import annotations

from dataclasses import dataclass

from stripe import StripeClient

__all__ = ["FEATURE", "Offered", "offer"]

FEATURE = "api_calls"


@dataclass(frozen=True, slots=True)
class Offered:
    """Ids at Stripe: all that this service ever knows of plans and prices."""

    meter: str
    plan: str
    usage: str


async def offer(client: StripeClient) -> Offered:
    """Have Stripe offer the plan Team: 20 dollars a month for each member, and 2 cents for a call."""
    meter = await client.v1.billing.meters.create_async(
        {"display_name": "API calls", "event_name": FEATURE, "default_aggregation": {"formula": "sum"}}
    )
    usage = await client.v1.prices.create_async(
        {
            "currency": "usd",
            "unit_amount": 2,
            "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
            "product_data": {"name": "API calls"},
        }
    )
    plan = await client.v1.prices.create_async(
        {
            "currency": "usd",
            "unit_amount": 2000,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Team"},
            "metadata": {"seats": "members", "metered_prices": usage.id},
        }
    )
    return Offered(meter=meter.id, plan=plan.id, usage=usage.id)
