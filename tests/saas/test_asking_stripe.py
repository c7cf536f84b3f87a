"""Requests while Stripe is asked: no answer, a failure half way, too many at once; and where browsers come back to."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from saas.billing import asking_stripe
from saas.billing.return_addresses import may_come_back_to
from saas.billing.simulated_stripe import running_in
from saas.billing.stripe_client import stripe_client
from saas.billing.stripe_plans import noted
from tests.saas.conftest import Billing, Organization
from treaty_runtime.settings import Settings

BACK = "https://acme.example/billing"


async def plan(billing: Billing) -> str:
    """A plan that Stripe offers."""
    client = await stripe_client(billing.settings)
    price = await client.v1.prices.create_async(
        {
            "currency": "usd",
            "unit_amount": 2000,
            "recurring": {"interval": "month"},
            "product_data": {"name": "Team"},
        }
    )
    return price.id


async def go_wrong(billing: Billing, **rule: Any) -> None:
    """Have the simulator answer like this."""
    address = running_in(billing.settings.data_dir / "stripe")
    async with httpx.AsyncClient(base_url=address, trust_env=False) as simulator:
        (await simulator.post("/_simulator/faults/answers", json={"rules": [rule] if rule else []})).raise_for_status()


async def check_out(organization: Organization, price: str, key: str) -> httpx.Response:
    said = {"priceId": price, "successUrl": BACK, "cancelUrl": BACK, "idempotencyKey": key}
    async with organization.client() as client:
        return await client.post("/billing/checkout", json=said)


async def customers(organization: Organization) -> int:
    """How often the organization is a customer of Stripe."""
    client = await stripe_client(organization.billing.settings)
    found = await client.v1.customers.list_async({"limit": 100})
    return sum([noted(each).get("organization") == organization.id async for each in found.auto_paging_iter()])


def test_no_answer_is_a_refusal_and_asking_again_does_nothing_twice(
    billing: Billing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_stripe, "EACH", 0.2)
    monkeypatch.setattr(asking_stripe, "WHOLE", 0.6)

    async def ask() -> None:
        organization, key = billing.organization(), uuid4().hex
        price = await plan(billing)
        await go_wrong(billing, path="/v1/checkout/sessions", method="POST", answer="timeout", times=9, seconds=2)
        refused = await check_out(organization, price, key)
        assert (refused.status_code, refused.json()["code"]) == (424, "stripe_failed")
        assert "did not answer in time" in refused.json()["detail"]
        await go_wrong(billing)
        monkeypatch.undo()
        assert (await check_out(organization, price, key)).status_code == 201
        assert await customers(organization) == 1

    billing.run(ask())


def test_a_customer_is_made_once_although_what_followed_failed(billing: Billing) -> None:
    async def ask() -> None:
        organization, price = billing.organization(), await plan(billing)
        for _ in range(2):
            await go_wrong(billing, path="/v1/checkout/sessions", method="POST", answer=429)
            assert (await check_out(organization, price, uuid4().hex)).status_code == 424
        assert (await check_out(organization, price, uuid4().hex)).status_code == 201
        assert await customers(organization) == 1

    billing.run(ask())


def test_whoever_waits_for_stripe_leaves_connections_to_others(
    billing: Billing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> None:
        organization, price = billing.organization(), await plan(billing)
        loop = billing.runner.get_loop()
        monkeypatch.setitem(asking_stripe._under_way, loop, billing.settings.database_pool_size // 2)
        refused = await check_out(organization, price, uuid4().hex)
        assert refused.json()["code"] == "stripe_failed"
        assert "Too many" in refused.json()["detail"]

    billing.run(ask())


@pytest.mark.parametrize(
    ("address", "anywhere", "at_home"),
    [
        ("https://app.example/billing?session={CHECKOUT_SESSION_ID}", True, True),
        ("https://APP.example:443/", True, True),
        ("https://app.example:8443/", True, False),
        ("https://evil.example/", True, False),
        ("https://app.example.evil.example/", True, False),
        ("http://app.example/", False, False),
        ("http://localhost:3000/", True, False),
        ("http://[::1]:3000/", True, False),
        ("https://app.example@evil.example/", False, False),
        ("https://evil.example\\@app.example/", False, False),
        ("https:///app.example/", False, False),
        ("https://app.example:port/", False, False),
        ("javascript://app.example/%0aalert(1)", False, False),
        ("https://app.example/\u202egnp", False, False),
    ],
)
def test_where_browsers_may_come_back_to(address: str, anywhere: bool, at_home: bool) -> None:
    secret = SecretStr("s" * 32)
    assert may_come_back_to(address, Settings(jwt_secret=secret)) == anywhere
    assert (
        may_come_back_to(address, Settings(jwt_secret=secret, stripe_return_origins="https://app.example")) == at_home
    )
