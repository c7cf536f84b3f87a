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
    await client.v1.subscriptions.cancel_async(await _subscription(world, client))


async def tell_thinly(world: World, _values: Mapping[str, Any]) -> None:
    """Stripe tells by a thin event, which names the subscription and says nothing of it."""
    subscription = await _subscription(world, await stripe_client(world.stage.settings))
    related = {"id": subscription, "type": "subscription", "url": f"/v1/subscriptions/{subscription}"}
    thin = {"object": "v2.core.event", "related_object": related}
    await world.deliver("saas.billing.stripe.webhook", "v1.customer.subscription.updated", event=thin)


async def _subscription(world: World, client: StripeClient) -> str:
    found = await client.v1.subscriptions.list_async({"customer": world.value("organization.stripeCustomerId")})
    return found.data[0].id


async def _price(client: StripeClient) -> str:
    product = await client.v1.products.create_async({"name": "Team"})
    price = await client.v1.prices.create_async(
        {"currency": "usd", "product": product.id, "unit_amount": 2000, "recurring": {"interval": "month"}}
    )
    return price.id
