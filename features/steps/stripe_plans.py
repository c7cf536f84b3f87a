"""Plans at Stripe in scenarios: what is offered there, who subscribes, and what Stripe has afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import httpx
from stripe import Customer, StripeClient, Subscription

from generated.saas.billing.membership import Membership
from generated.saas.billing.organization import Organization
from generated.saas.billing.role import Role
from saas.billing.simulated_stripe import running_in
from saas.billing.stripe_client import stripe_client
from saas.billing.stripe_plans import noted
from saas.billing.stripe_subscriptions import plan_item
from treaty_runtime.acceptance import World

Values = Mapping[str, Any]
CARD = "pm_card_visa"
AMOUNTS = {"team": 2000, "large": 5000, "crew": 1000, "dear": 2000, "metered": 2000}

_prices: WeakKeyDictionary[World, dict[str, str]] = WeakKeyDictionary()
_pages: WeakKeyDictionary[World, httpx.Response] = WeakKeyDictionary()


# What is offered at Stripe, and who has subscribed.


async def offer(world: World, values: Values) -> None:
    """A plan, as finance would make it in Stripe's dashboard: a product with a price, and what its metadata says."""
    client, plan, currency = await _client(world), values["plan"], values.get("currency", "usd")
    metadata = {"seats": values["seats"]} if "seats" in values else {}
    if "feature" in values:
        usage = await _metered_price(client, values["feature"], currency)
        _prices.setdefault(world, {})[values["feature"]] = metadata["metered_prices"] = usage
    price = await client.v1.prices.create_async(
        {
            "currency": currency,
            "unit_amount": AMOUNTS[plan],
            "recurring": {"interval": "month"},
            "product_data": {"name": plan.title()},
            "metadata": metadata,
        }
    )
    _prices.setdefault(world, {})[plan] = price.id


async def withdraw(world: World, values: Values) -> None:
    """A plan is archived."""
    client = await _client(world)
    await client.v1.prices.update_async(_price(world, values["plan"]), {"active": False})


async def subscribe(world: World, values: Values) -> None:
    """An organization becomes a customer of Stripe, with a subscription that is paid for."""
    client, name = await _client(world), values["organization"]
    customer = await client.v1.customers.create_async(
        {"payment_method": CARD, "invoice_settings": {"default_payment_method": CARD}}
    )
    await client.v1.subscriptions.create_async(
        {"customer": customer.id, "items": [{"price": _price(world, values["plan"])}]}
    )
    await world.create(Organization, {"name": "Acme", "stripeCustomerId": customer.id}, name=name)


async def members(world: World, values: Values) -> None:
    """So many people belong to the organization."""
    for number in range(values["number"]):
        await world.create(Membership, {"person": f"member-{number}", "role": Role.MEMBER})


# What goes wrong at Stripe: orders that only the simulator takes.


async def fault(world: World, values: Values) -> None:
    """The next request to Stripe is not answered as it should be."""
    rule = {"path": "/v1", "times": 1, **values}
    await _order(world, "POST", "faults/answers", {"rules": [rule]})


async def decline(world: World, _values: Values) -> None:
    """Whatever the organization pays with is declined."""
    customer = world.value("organization.stripeCustomerId")
    await _order(world, "POST", f"customers/{customer}/payments", {"failing": True})


# What is asked of the service.


async def check_out(world: World, values: Values) -> None:
    """A checkout is started."""
    said = {
        "priceId": _price(world, values["plan"]),
        "successUrl": values["back"],
        "cancelUrl": "https://acme.example/billing",
        "idempotencyKey": world.unique(),
    }
    await world.call("saas.billing.checkout.start@1", said, actor=values["who"], name="checkout")


async def preview(world: World, values: Values) -> None:
    """A change of plan is looked at."""
    said = {"priceId": _price(world, values["plan"])}
    await world.call("saas.billing.plan.preview@1", said, actor=values["who"])


async def change(world: World, values: Values) -> None:
    """The plan is changed."""
    said = {
        "priceId": _price(world, values["plan"]),
        "proration": values["proration"],
        "idempotencyKey": world.unique(),
    }
    await world.call("saas.billing.plan.change@1", said, actor=values["who"])


async def look_at_invoice(world: World, values: Values) -> None:
    """The latest invoice of somebody is looked at."""
    client = await _client(world)
    found = await client.v1.invoices.list_async({"customer": world.value(f"{values['of']}.stripeCustomerId")})
    await world.call("saas.billing.invoice.get@1", {"invoiceId": found.data[0].id}, actor=values["who"])


async def again(world: World, _values: Values) -> None:
    """The last request is sent once more."""
    await world.repeat()


async def complete(world: World, _values: Values) -> None:
    """A customer fills in the page of Checkout and sends it, as a browser would."""
    world.needs_simulator("filling in the page of Checkout")
    async with httpx.AsyncClient(trust_env=False) as browser:
        _pages[world] = await browser.post(world.value("checkout.url"), data={"card": CARD})


async def use(world: World, values: Values) -> None:
    """Usage is recorded, at Stripe's time: the subscription began there."""
    await world.stage.settle()
    now = datetime.fromtimestamp((await _order(world, "GET", "clock"))["now"], UTC)
    await world.clock(at=now + timedelta(seconds=1))
    for quantity in (values["first"], values["second"]):
        said = {"feature": values["feature"], "quantity": quantity, "idempotencyKey": world.unique()}
        await world.call("saas.billing.usage.record@1", said, actor="organization")


async def close_month(world: World, _values: Values) -> None:
    """The reporter has its time, and then the period ends at Stripe."""
    await world.clock(advance="3m")
    await world.stage.settle()
    subscription = await _subscription(world)
    await _order(world, "POST", f"subscriptions/{subscription.id}/close_period", {"alone": True})


# What is so afterwards.


async def page(world: World, _values: Values) -> None:
    """What was answered leads to a page that is there."""
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        answer = await browser.get(world.exchange.field("url"))
    _must(world, answer.status_code == 200, f"a page, but it answers {answer.status_code}")


async def came_back(world: World, _values: Values) -> None:
    """The browser was led back, to the session's own address."""
    page = _pages[world]
    wanted = "https://acme.example/billing"
    _must(world, page.status_code == 303, f"Stripe's page leads back, but it answered {page.status_code}")
    _must(world, page.headers["location"].startswith(wanted), f"leads to {wanted}, not {page.headers['location']}")


async def made_one_session(world: World, _values: Values) -> None:
    """No other page for subscribing was made, not even one that is over."""
    client = await _client(world)
    customer = world.value("organization.stripeCustomerId")
    sessions = await client.v1.checkout.sessions.list_async({"customer": customer})
    _must(world, len(sessions.data) == 1, f"one session, but there are {len(sessions.data)}")


async def one_session(world: World, values: Values) -> None:
    """There is one page for subscribing, and of the organization one customer."""
    client = await _client(world)
    customer = world.value("organization.stripeCustomerId")
    sessions = await client.v1.checkout.sessions.list_async({"customer": customer, "status": "open"})
    _must(world, len(sessions.data) == 1, f"one open session, but there are {len(sessions.data)}")
    organization = world.value("organization.id")
    made = await client.v1.customers.list_async({"limit": 100})
    found = [each async for each in made.auto_paging_iter() if _is_of(each, organization)]
    _must(world, len(found) == values["customers"], f"{values['customers']} customer, but there are {len(found)}")


async def seats(world: World, values: Values) -> None:
    """So many seats are paid for at Stripe."""
    found = plan_item(await _subscription(world)).quantity
    _must(world, found == values["equals"], f"{values['equals']} seats, but Stripe has {found}")


async def plan(world: World, values: Values) -> None:
    """The subscription at Stripe is on this plan."""
    found, wanted = plan_item(await _subscription(world)).price.id, _price(world, values["equals"])
    _must(world, found == wanted, f"the plan {wanted}, but Stripe has {found}")


async def plan_here(world: World, values: Values) -> None:
    """Whoever asks the service for the subscription is told of this plan."""
    await world.call("saas.billing.subscription.get@1", {}, actor="organization")
    found, wanted = world.exchange.field("plan"), _price(world, values["equals"])
    _must(world, found == wanted, f"the plan {wanted}, but it shows {found}")


async def began_here(world: World, _values: Values) -> None:
    """Billing periods are counted from where Stripe counts them."""
    await world.call("saas.billing.subscription.get@1", {}, actor="organization")
    began = datetime.fromisoformat(world.exchange.field("startedAt")).timestamp()
    wanted = (await _subscription(world)).start_date
    _must(world, began == wanted, f"periods from {wanted} on, but they begin at {began}")


async def prorated_once(world: World, _values: Values) -> None:
    """One change was settled: something is given back, and something is asked for."""
    client = await _client(world)
    found = await client.v1.invoice_items.list_async({"customer": world.value("organization.stripeCustomerId")})
    _must(world, len(found.data) == 2, f"two prorations, but there are {len(found.data)}")


async def billed(world: World, values: Values) -> None:
    """The newest invoice has a line with so much usage, and the ledger has as much."""
    await world.call("saas.billing.invoice.list@1", {"limit": 1}, actor="Ann")
    newest = world.exchange.field("invoices")[0]["id"]
    await world.call("saas.billing.invoice.get@1", {"invoiceId": newest}, actor="Ann")
    price = _price(world, values["feature"])
    billed = sum(line["quantity"] for line in world.exchange.field("lines") if line["priceId"] == price)
    await world.call("saas.billing.usage.list@1", {"feature": values["feature"]}, actor="Ann")
    ledger = sum(record["quantity"] for record in world.exchange.field("records"))
    wanted = values["equals"]
    _must(world, billed == ledger == wanted, f"{wanted}, but the invoice bills {billed} and the ledger has {ledger}")


def _must(world: World, holds: bool, promise: str) -> None:  # noqa: FBT001 - what must hold
    world.broke([] if holds else [f"promised {promise}"])


def _price(world: World, plan: str) -> str:
    return _prices[world][plan]


async def _client(world: World) -> StripeClient:
    return await stripe_client(world.stage.settings)


async def _subscription(world: World) -> Subscription:
    client = await _client(world)
    found = await client.v1.subscriptions.list_async({"customer": world.value("organization.stripeCustomerId")})
    return found.data[0]


async def _metered_price(client: StripeClient, feature: str, currency: str) -> str:
    meters = await client.v1.billing.meters.list_async({"status": "active", "limit": 100})
    known = [each.id async for each in meters.auto_paging_iter() if each.event_name == feature]
    if not known:
        made = await client.v1.billing.meters.create_async(
            {"display_name": feature, "event_name": feature, "default_aggregation": {"formula": "sum"}}
        )
        known = [made.id]
    price = await client.v1.prices.create_async(
        {
            "currency": currency,
            "unit_amount": 2,
            "recurring": {"interval": "month", "usage_type": "metered", "meter": known[0]},
            "product_data": {"name": feature},
        }
    )
    return price.id


def _is_of(customer: Customer, organization: str) -> bool:
    return noted(customer).get("organization") == organization


async def _order(world: World, method: str, path: str, said: Values | None = None) -> Any:
    world.needs_simulator("what is ordered at /_simulator")
    address = await asyncio.to_thread(running_in, world.stage.settings.data_dir / "stripe")
    async with httpx.AsyncClient(base_url=address, trust_env=False) as simulator:
        answer = await simulator.request(method, f"/_simulator/{path}", json=dict(said) if said else None)
    return answer.raise_for_status().json()
