"""Plans with features, late payments and time at Stripe in scenarios, through the SDK: the simulator is it.

What was told before something happens there has been worked on by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from stripe import StripeClient

from generated.saas.billing.organization import Organization
from saas.billing.simulated_stripe import running_in
from saas.billing.stripe_client import stripe_client
from treaty_runtime.acceptance import World

CARD = "pm_card_visa"
DAY = 86400
DUNNING = {"days": [1, 2, 2, 2, 2, 2, 3], "finally": "cancel"}


async def subscribe(world: World, values: Mapping[str, Any]) -> None:
    """An organization becomes a customer of Stripe, on a plan with these features. The clock is Stripe's from here."""
    client = await stripe_client(world.stage.settings)
    await _forget_everybody(client)
    await dunning(world, DUNNING)
    await pass_days(world, {"days": 0})
    await world.stage.settle()  # what is done every night has been done, for nobody
    features = values.get("features") or [f"feature_{number}" for number in range(int(values["number"]))]
    customer = await client.v1.customers.create_async(
        {"payment_method": CARD, "invoice_settings": {"default_payment_method": CARD}}
    )
    await client.v1.subscriptions.create_async(
        {"customer": customer.id, "items": [{"price": await _price(client, features)}]}
    )
    await world.create(Organization, {"name": "Acme", "stripeCustomerId": customer.id}, name="organization")


async def cancel(world: World, _values: Mapping[str, Any]) -> None:
    """The subscription ends at Stripe, at once."""
    await world.stage.settle()
    client = await stripe_client(world.stage.settings)
    await client.v1.subscriptions.cancel_async(await _subscription(world, client))


async def delete(world: World, _values: Mapping[str, Any]) -> None:
    """The customer is deleted at Stripe."""
    await world.stage.settle()
    client = await stripe_client(world.stage.settings)
    await client.v1.customers.delete_async(_customer(world))


async def detach(world: World, _values: Mapping[str, Any]) -> None:
    """The product that the organization subscribes to loses its features."""
    await world.stage.settle()
    client = await stripe_client(world.stage.settings)
    subscription = await client.v1.subscriptions.retrieve_async(await _subscription(world, client))
    product = str(subscription["items"].data[0].price.product)
    for attached in (await client.v1.products.features.list_async(product)).data:
        await client.v1.products.features.delete_async(product, attached.id)


async def payments(world: World, values: Mapping[str, Any]) -> None:
    """Payments of the organization fail from now on, or succeed again."""
    await world.stage.settle()
    await _order(world, f"customers/{_customer(world)}/payments", failing=values["failing"])


async def pay_what_is_open(world: World, _values: Mapping[str, Any]) -> None:
    """The organization has a card that works, and pays every invoice that is open."""
    client = await stripe_client(world.stage.settings)
    await payments(world, {"failing": False})
    for invoice in (await client.v1.invoices.list_async({"customer": _customer(world), "status": "open"})).data:
        await client.v1.invoices.pay_async(str(invoice.id))


async def dunning(world: World, values: Mapping[str, Any]) -> None:
    """Failed payments are tried again after so many days, and end so."""
    await _order(world, "dunning", **values)


async def pass_days(world: World, values: Mapping[str, Any]) -> None:
    """Days pass at Stripe, where everything happens that is due; the service's clock is set to Stripe's."""
    await world.stage.settle()
    now = (await _order(world, "clock", advance=int(values["days"]) * DAY))["now"]
    await world.clock(at=datetime.fromtimestamp(now, UTC))


async def pass_days_there(world: World, values: Mapping[str, Any]) -> None:
    """Days pass at Stripe, and here no night does: nothing that was missed is made up for."""
    await world.stage.settle()
    await _order(world, "clock", advance=int(values["days"]) * DAY)


async def tell_in_short(world: World, _values: Mapping[str, Any]) -> None:
    """The newest thin event about entitlements is delivered: it names no object, and has to be asked for."""
    client = await stripe_client(world.stage.settings)
    type_ = "v1.entitlements.active_entitlement_summary.updated"
    told: Any = (await client.v2.core.events.list_async({"types": [type_], "limit": 1})).data[0]
    await world.deliver("saas.billing.stripe.webhook", type_, event={"id": told.id, "object": "v2.core.event"})


async def tell_payment(world: World, values: Mapping[str, Any]) -> None:
    """An event about the organization's newest invoice is delivered: `invoice.paid`, `invoice.payment_failed`."""
    client = await stripe_client(world.stage.settings)
    newest = (await client.v1.invoices.list_async({"customer": _customer(world), "limit": 1})).data[0]
    type_ = {"failed": "invoice.payment_failed", "successful": "invoice.paid"}[values["type"]]
    told = {"id": newest.id, "object": "invoice", "customer": _customer(world)}
    await world.deliver("saas.billing.stripe.webhook", type_, told)


def one_unplanned(world: World, _values: Mapping[str, Any]) -> None:
    """The check names one invoice."""
    unplanned = world.exchange.field("unplanned")
    world.broke([] if len(unplanned) == 1 else [f"was to name one invoice, and named {unplanned}"])


def ends(world: World, _values: Mapping[str, Any]) -> None:
    """The answer says until when there is access, and that is not over."""
    until = datetime.fromisoformat(world.exchange.field("accessUntil"))
    world.broke([] if until > world.stage.clock.now() else [f"was to give access yet, and gave it until {until}"])


def has_no_end(world: World, _values: Mapping[str, Any]) -> None:
    """The answer says of no end."""
    world.broke(["was to give access without an end"] if "accessUntil" in (world.exchange.body or {}) else [])


async def _price(client: StripeClient, features: list[str]) -> str:
    product = await client.v1.products.create_async({"name": "Team"})
    for key in features:
        known = (await client.v1.entitlements.features.list_async({"lookup_key": key})).data
        feature = (
            known[0] if known else await client.v1.entitlements.features.create_async({"lookup_key": key, "name": key})
        )
        await client.v1.products.features.create_async(product.id, {"entitlement_feature": feature.id})
    price = await client.v1.prices.create_async(
        {"currency": "usd", "product": product.id, "unit_amount": 2000, "recurring": {"interval": "month"}}
    )
    return price.id


async def _forget_everybody(client: StripeClient) -> None:
    """Delete who subscribed in earlier scenarios: nobody's periods end any more while days pass in this one."""
    subscriptions = await client.v1.subscriptions.list_async({"limit": 100})
    for customer in {str(subscription.customer) async for subscription in subscriptions.auto_paging_iter()}:
        await client.v1.customers.delete_async(customer)


def _customer(world: World) -> str:
    return str(world.value("organization.stripeCustomerId"))


async def _subscription(world: World, client: StripeClient) -> str:
    found = await client.v1.subscriptions.list_async({"customer": _customer(world), "status": "all"})
    return found.data[0].id


async def _order(world: World, path: str, **parameters: Any) -> dict[str, Any]:
    """Tell the simulator to do something that only a simulator can."""
    address = await asyncio.to_thread(running_in, world.stage.settings.data_dir / "stripe")
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        answer = await client.post(f"/_simulator/{path}", json=parameters)
    said: dict[str, Any] = answer.raise_for_status().json()
    return said
