"""What customers have at Stripe that is allowed there and unusual here."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from stripe import Price, StripeClient, Subscription

from saas.billing.stripe_client import stripe_client
from tests.saas.conftest import Billing, Organization

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # of the SDK's way of using httpx


async def priced(client: StripeClient, **more: Any) -> Price:
    """A price of 20 dollars a month."""
    said: Any = {
        "currency": "usd",
        "unit_amount": 2000,
        "recurring": {"interval": "month"},
        "product_data": {"name": "Team"},
    }
    return await client.v1.prices.create_async(said | more)


async def metered(client: StripeClient) -> Price:
    """A price for what a meter counts."""
    meter = await client.v1.billing.meters.create_async(
        {"display_name": "Calls", "event_name": f"calls_{uuid4().hex}", "default_aggregation": {"formula": "sum"}}
    )
    return await priced(
        client, unit_amount=2, recurring={"interval": "month", "usage_type": "metered", "meter": meter.id}
    )


async def customer(client: StripeClient, organization: Organization) -> str:
    """The organization as a customer who can pay."""
    card = "pm_card_visa"
    made = await client.v1.customers.create_async(
        {"payment_method": card, "invoice_settings": {"default_payment_method": card}}
    )
    await asyncio.to_thread(
        organization.billing.database.execute,
        "UPDATE billing_organization SET stripe_customer_id = %s WHERE id = %s",
        [made.id, organization.id],
    )
    return made.id


async def subscribed(client: StripeClient, organization: Organization, *prices: Price) -> Subscription:
    """The organization's subscription to these prices, begun at Stripe itself."""
    who = await customer(client, organization)
    return await client.v1.subscriptions.create_async(
        {"customer": who, "items": [{"price": price.id} for price in prices]}
    )


async def post(organization: Organization, path: str, **body: Any) -> httpx.Response:
    """A command, with a key of its own."""
    async with organization.client() as client:
        return await client.post(f"/billing/{path}", json={"idempotencyKey": uuid4().hex} | body)


def test_a_subscription_to_usage_alone_can_be_cancelled(billing: Billing) -> None:
    async def ask() -> httpx.Response:
        organization, client = billing.organization(), await stripe_client(billing.settings)
        await subscribed(client, organization, await metered(client))
        return await post(organization, "subscription/cancel", at="period_end")

    answer = billing.run(ask())
    assert (answer.status_code, answer.json().get("cancelAtPeriodEnd")) == (200, True), answer.text


def test_a_preview_has_all_its_lines(billing: Billing) -> None:
    """Stripe puts ten lines into the answer; whoever changed seats often has more."""

    async def ask() -> httpx.Response:
        organization, client = billing.organization(), await stripe_client(billing.settings)
        price, larger = await priced(client), await priced(client, unit_amount=5000)
        subscription = await subscribed(client, organization, price)
        item = subscription["items"].data[0].id
        for quantity in range(2, 8):
            await client.v1.subscription_items.update_async(item, {"quantity": quantity})
        async with organization.client() as asking:
            return await asking.get("/billing/plan/preview", params={"priceId": larger.id})

    answer = billing.run(ask())
    assert answer.status_code == 200, answer.text
    lines = answer.json()["lines"]
    assert len(lines) > 10
    assert sum(line["amount"] for line in lines) == answer.json()["amountDue"]


def test_a_line_may_say_as_much_as_stripe_lets_it(billing: Billing) -> None:
    async def ask() -> httpx.Response:
        organization, client = billing.organization(), await stripe_client(billing.settings)
        price = await priced(client, product_data={"name": "Team " * 300})
        subscription = await subscribed(client, organization, price)
        async with organization.client() as asking:
            return await asking.get(f"/billing/invoices/{subscription.latest_invoice}")

    answer = billing.run(ask())
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["lines"][0]["description"]) > 1000
