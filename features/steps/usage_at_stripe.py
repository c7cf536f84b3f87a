"""Usage at Stripe in scenarios: a customer with a metered price, what is counted and billed, what goes wrong.

The simulator's clock is moved with the service's. It is the clock of all scenarios, and never goes back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from stripe import StripeClient

from generated.saas.billing.meter import Meter
from generated.saas.billing.organization import Organization
from saas.billing.stripe_client import stripe_client
from stripe_simulator import Simulator
from treaty_runtime.acceptance import World

CARD = "pm_card_visa"
FEATURE = "api_calls"
EVENTS = "/v1/billing/meter_events"
WRONG = "v1.billing.meter.error_report_triggered"


async def customer(world: World, _values: Mapping[str, Any]) -> None:
    """An organization that pays Stripe for what it uses: from noon on, there and here."""
    client = await stripe_client(world.stage.settings)
    now = await _tell(world, "GET", "clock")
    noon = datetime.fromtimestamp(now["now"], UTC).replace(hour=12, minute=0, second=0) + timedelta(days=1)
    # It stands there until the subscription has begun: what is used at noon belongs to it.
    await _tell(world, "POST", "clock", now=int(noon.timestamp()), standing=True)
    await _tell(world, "POST", "faults/answers", rules=[])
    bought = await client.v1.customers.create_async(
        {"payment_method": CARD, "invoice_settings": {"default_payment_method": CARD}}
    )
    price = await _price(client)
    await client.v1.subscriptions.create_async({"customer": bought.id, "items": [{"price": price}]})
    await _tell(world, "POST", "clock", standing=False)
    await world.clock(at=noon)
    await _organization(world, bought.id)


async def stranger(world: World, _values: Mapping[str, Any]) -> None:
    """An organization that takes itself for a customer of Stripe."""
    client = await stripe_client(world.stage.settings)
    await _meter(client)
    now = await _tell(world, "GET", "clock")
    await world.clock(at=datetime.fromtimestamp(now["now"], UTC))
    await _organization(world, "cus_nobody")


async def wait(world: World, values: Mapping[str, Any]) -> None:
    """Let time pass at Stripe."""
    passed = timedelta(minutes=int(values.get("minutes", 0)), hours=int(values.get("hours", 0)))
    await _tell(world, "POST", "clock", advance=int(passed.total_seconds()))
    await world.stage.settle()


async def answers(world: World, values: Mapping[str, Any]) -> None:
    """Have the next so many meter events answered with this: a status, or `lost`, when they are taken in silence."""
    answer, times = str(values.get("answer", "lost")), int(values["times"])
    rule = {"path": EVENTS, "method": "POST", "answer": int(answer) if answer.isdigit() else answer, "times": times}
    await _tell(world, "POST", "faults/answers", rules=[rule] if times else [])


async def falls_silent(world: World, _values: Mapping[str, Any]) -> None:
    """Have one meter event taken, and no answer given to all three times it is sent; none is taken after that."""
    rule = {"path": EVENTS, "method": "POST"}
    rules = [{**rule, "answer": "lost", "times": 3}, {**rule, "answer": 429, "times": 1000}]
    await _tell(world, "POST", "faults/answers", rules=rules)


async def report_errors(world: World, _values: Mapping[str, Any]) -> None:
    """Wait until Stripe has a report of wrong meter events, and have it come to the webhook."""
    client = await stripe_client(world.stage.settings)
    for _ in range(100):
        found = (await client.v2.core.events.list_async({"types": [WRONG], "limit": 1})).data
        if found:
            break
        await asyncio.sleep(0.1)
    told = found[0]
    event = {"id": told.id, "object": "v2.core.event", "related_object": {"id": "mtr_1", "type": "billing.meter"}}
    await world.deliver("saas.billing.stripe.webhook", WRONG, event=event)


async def close_period(world: World, _values: Mapping[str, Any]) -> None:
    """Let the period of the organization's subscription end, and its invoice be made."""
    client = await stripe_client(world.stage.settings)
    found = await client.v1.subscriptions.list_async({"customer": world.value("organization.stripeCustomerId")})
    await _tell(world, "POST", f"subscriptions/{found.data[0].id}/close_period")


async def counted(world: World, values: Mapping[str, Any]) -> None:
    """Stripe has counted so much."""
    client = await stripe_client(world.stage.settings)
    end = int(world.stage.clock.now().timestamp()) // 60 * 60 + 600
    found = await client.v1.billing.meters.event_summaries.list_async(
        await _meter(client),
        {"customer": world.value("organization.stripeCustomerId"), "start_time": end - 40 * 86400, "end_time": end},
    )
    quantity = int(sum(summary.aggregated_value for summary in found.data))
    world.broke([] if quantity == values["equals"] else [f"had Stripe count {quantity}, not {values['equals']}"])


async def invoiced(world: World, values: Mapping[str, Any]) -> None:
    """The last invoice bills so much, as the ledger holds it."""
    client = await stripe_client(world.stage.settings)
    invoices = await client.v1.invoices.list_async(
        {"customer": world.value("organization.stripeCustomerId"), "limit": 1}
    )
    quantity = sum(line.quantity or 0 for line in invoices.data[0].lines.data)
    world.broke([] if quantity == values["equals"] else [f"billed {quantity}, not {values['equals']}"])


async def _organization(world: World, customer_id: str) -> None:
    await world.create(Organization, {"name": "Acme", "stripeCustomerId": customer_id}, name="organization")
    meter = {"organization": "organization", "feature": FEATURE, "unit": "call", "aggregation": "sum"}
    await world.create(Meter, meter, name="meter")


async def _meter(client: StripeClient) -> str:
    page = await client.v1.billing.meters.list_async({"status": "active", "limit": 100})
    known = [meter.id async for meter in page.auto_paging_iter() if meter.event_name == FEATURE]
    if known:
        return known[0]
    made = await client.v1.billing.meters.create_async(
        {"display_name": "Calls", "event_name": FEATURE, "default_aggregation": {"formula": "sum"}}
    )
    return made.id


async def _price(client: StripeClient) -> str:
    product = await client.v1.products.create_async({"name": "Calls"})
    price = await client.v1.prices.create_async(
        {
            "currency": "usd",
            "product": product.id,
            "unit_amount": 2,
            "recurring": {"interval": "month", "usage_type": "metered", "meter": await _meter(client)},
        }
    )
    return price.id


async def _tell(world: World, method: str, path: str, **parameters: Any) -> Any:
    """Ask or tell the simulator what only a simulator can be."""
    world.needs_simulator("what is ordered at /_simulator")
    address = Simulator.running(world.stage.settings.data_dir / "stripe")
    async with httpx.AsyncClient(base_url=address or "", trust_env=False, timeout=60) as simulator:
        answer = await simulator.request(method, f"/_simulator/{path}", json=parameters if method == "POST" else None)
    answer.raise_for_status()
    return answer.json()
