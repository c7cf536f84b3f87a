"""What customers have at Stripe that is allowed there and unusual here; and two who change the same thing at once."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import stripe
from sqlmodel import select
from stripe import Price, StripeClient, Subscription

from generated.saas.billing.membership_changed import MembershipChanged
from generated.saas.billing.organization import Organization as OrganizationRow
from saas.billing import checkout, seats
from saas.billing.simulated_stripe import running_in
from saas.billing.stripe_client import stripe_client
from saas.billing.stripe_subscriptions import current_subscription, due_at
from tests.saas.conftest import NOON, Billing, Organization
from tests.saas.test_asking_stripe import check_out, plan
from treaty_runtime.database import Database
from treaty_runtime.logging import QUIET, configure

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


def test_the_log_has_nothing_of_what_was_asked_and_answered(billing: Billing) -> None:
    """The SDK tells of every request by itself: whose it was, Stripe's words of refusal, and whole bodies."""
    before = {name: logging.getLogger(name).level for name in ("", *QUIET)}
    said = io.StringIO()
    handler = logging.StreamHandler(said)

    async def ask() -> None:
        client = await stripe_client(billing.settings)
        await client.v1.customers.create_async({"email": "ann@acme.example"})
        with pytest.raises(stripe.InvalidRequestError):
            await client.v1.customers.retrieve_async("cus_secret")

    try:
        configure("debug")
        logging.getLogger().addHandler(handler)
        logging.getLogger().setLevel("DEBUG")
        billing.run(ask())
    finally:
        logging.getLogger().removeHandler(handler)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
    assert "cus_secret" not in said.getvalue()
    assert "acme" not in said.getvalue()


def test_seats_wait_for_the_first_payment(billing: Billing) -> None:
    """Stripe lets nobody change items before it: the job would fail until it is given up."""

    async def ask() -> int | None:
        organization, client = billing.organization(), await stripe_client(billing.settings)
        who, price = await customer(client, organization), await priced(client, metadata={"seats": "members"})
        begun = await client.v1.subscriptions.create_async(
            {
                "customer": who,
                "items": [{"price": price.id, "quantity": 3}],
                "payment_behavior": "default_incomplete",
            }
        )
        assert begun.status == "incomplete"
        return await follow(billing, organization)

    assert billing.run(ask()) is None


@pytest.mark.parametrize(("due_date", "due"), [(None, 1000), (3000, 3000)])
def test_an_invoice_that_was_sent_is_late_from_its_day_on(due_date: int | None, due: int) -> None:
    said = {"due_date": due_date, "status_transitions": {"finalized_at": 1000}}
    assert due_at(stripe.Invoice.construct_from(said, None)) == due


def test_of_two_checkouts_at_once_one_page_is_left(billing: Billing) -> None:
    async def ask() -> list[str]:
        organization, client = billing.organization(), await stripe_client(billing.settings)
        who, price = await customer(client, organization), await plan(billing)
        await asyncio.gather(*(check_out(organization, price, uuid4().hex) for _ in range(4)))
        found = await client.v1.checkout.sessions.list_async({"customer": who, "status": "open"})
        return [session.id for session in found.data]

    assert len(billing.run(ask())) == 1


def test_whoever_has_just_subscribed_on_another_page_gets_no_second_one(
    billing: Billing, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = checkout._page

    async def ask() -> tuple[list[int], int]:
        organization, client = billing.organization(), await stripe_client(billing.settings)
        who, price = await customer(client, organization), await plan(billing)
        first = await check_out(organization, price, uuid4().hex)

        async def late(*said: Any) -> Any:
            address = f"{running_in(billing.settings.data_dir / 'stripe')}/_simulator/checkout"
            async with httpx.AsyncClient(trust_env=False) as simulator:
                path = f"{address}/{first.json()['checkoutId']}/complete"
                (await simulator.post(path, json={"card": "pm_card_visa"})).raise_for_status()
            return await made(*said)

        monkeypatch.setattr(checkout, "_page", late)
        second = await check_out(organization, price, uuid4().hex)
        assert second.json().get("code") == "already_subscribed"
        left = await client.v1.checkout.sessions.list_async({"customer": who, "status": "open"})
        return [first.status_code, second.status_code], len(left.data)

    assert billing.run(ask()) == ([201, 409], 0)


def test_seats_that_are_booked_while_others_follow_the_members_stay(
    billing: Billing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> int | None:
        organization, client = billing.organization(), await stripe_client(billing.settings)
        subscription = await subscribed(client, organization, await priced(client, metadata={"seats": "members"}))
        item = subscription["items"].data[0].id
        await client.v1.subscription_items.update_async(item, {"quantity": 3})
        booking: list[asyncio.Task[httpx.Response]] = []

        async def slowly(*said: Any) -> Any:
            asked = await current_subscription(*said)
            booking.append(asyncio.create_task(post(organization, "seats", seats=10)))
            await asyncio.wait(booking, timeout=0.5)
            return asked

        monkeypatch.setattr("saas.billing.seats.current_subscription", slowly)
        await follow(billing, organization)
        assert (await booking[0]).status_code == 200
        return (await client.v1.subscription_items.retrieve_async(item)).quantity

    assert billing.run(ask()) == 10


def test_whoever_waits_for_another_request_too_long_is_told_so(
    billing: Billing, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = billing.organization()
    monkeypatch.setattr("saas.billing.asking_stripe.WHOLE", 0.2)

    async def ask() -> httpx.Response:
        database = await Database.open(billing.settings)
        try:
            async with database.transaction(tenant=UUID(who.id), now=NOON) as session:
                await session.exec(select(OrganizationRow.id).with_for_update(key_share=True))
                return await post(who, "seats", seats=10)
        finally:
            await database.close()

    answer = billing.run(ask())
    assert (answer.status_code, answer.json()["code"]) == (424, "stripe_failed"), answer.text
    assert "Another request" in answer.json()["detail"]


async def follow(billing: Billing, who: Organization) -> int | None:
    """Do the job that follows a change of the members; how many seats there are then."""
    told = MembershipChanged(organization_id=UUID(who.id), person="bob", member=True, changed_at=NOON)
    database = await Database.open(billing.settings)
    try:
        async with database.transaction(tenant=UUID(who.id), now=NOON) as session:
            return (await seats.follow(who.unit_of_work(session), told)).seats
    finally:
        await database.close()
