"""What happens at Stripe in scenarios, through the SDK: the simulator is it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stripe import StripeClient

from generated.saas.billing.organization import Organization
from saas.billing.stripe_client import stripe_client
from treaty_runtime.acceptance import World

CARD = "pm_card_visa"


async def subscribe(world: World, _values: Mapping[str, Any]) -> None:
    """An organization becomes a customer of Stripe, with a subscription that is paid for."""
    client = await stripe_client(world.stage.settings)
    customer = await client.v1.customers.create_async(
        {"payment_method": CARD, "invoice_settings": {"default_payment_method": CARD}}
    )
    await client.v1.subscriptions.create_async({"customer": customer.id, "items": [{"price": await _price(client)}]})
    await world.create(Organization, {"name": "Acme", "stripeCustomerId": customer.id}, name="organization")


async def cancel(world: World, _values: Mapping[str, Any]) -> None:
    """Its subscription ends at Stripe."""
    client = await stripe_client(world.stage.settings)
    customer = world.value("organization.stripeCustomerId")
    found = await client.v1.subscriptions.list_async({"customer": customer})
    await client.v1.subscriptions.cancel_async(found.data[0].id)


async def _price(client: StripeClient) -> str:
    product = await client.v1.products.create_async({"name": "Team"})
    price = await client.v1.prices.create_async(
        {"currency": "usd", "product": product.id, "unit_amount": 2000, "recurring": {"interval": "month"}}
    )
    return price.id
