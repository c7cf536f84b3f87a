"""What is set up at Stripe before a customer comes: a meter, a plan with a price for usage, a webhook endpoint."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from stripe import StripeClient

from saas.billing.simulated_stripe import running_in
from saas.billing.stripe_client import stripe_client
from treaty_runtime.settings import Settings

__all__ = ["FEATURE", "AtStripe", "at_stripe"]

FEATURE = "api_calls"


@dataclass(frozen=True, slots=True)
class AtStripe:
    """Stripe's simulator: its address, what was set up there, and orders that only a simulator takes.

    Ids are all that this service ever knows of meters, plans and prices.
    """

    address: str
    client: StripeClient
    meter: str
    plan: str
    usage: str
    folder: Path

    async def order(self, path: str, said: dict[str, Any]) -> None:
        """Tell `/_simulator/<path>` to do something."""
        async with httpx.AsyncClient(base_url=self.address, trust_env=False) as simulator:
            (await simulator.post(f"/_simulator/{path}", json=said)).raise_for_status()

    async def subscription_of(self, customer: str) -> str:
        """A customer's subscription."""
        return (await self.client.v1.subscriptions.list_async({"customer": customer})).data[0].id

    @asynccontextmanager
    async def to_oneself(self) -> AsyncIterator[None]:
        """Have other demonstrations wait that want to hold up deliveries, too."""
        with (self.folder / "demo.lock").open("w") as lock:
            await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
            yield


async def at_stripe(settings: Settings, webhook: str) -> AtStripe:
    """Have Stripe know all that, and tell `webhook` of what happens."""
    client = await stripe_client(settings)
    meter = await _meter(client)
    usage, plan = await _prices(client, meter)
    folder = settings.data_dir / "stripe"
    stripe = AtStripe(await asyncio.to_thread(running_in, folder), client, meter, plan, usage, folder)
    await _forget_the_dead(client)
    await stripe.order("webhook_endpoints", {"url": webhook, "secret": settings.stripe_secrets[0]})
    return stripe


async def _forget_the_dead(client: StripeClient) -> None:
    """Endpoints of demonstrations that have ended, however they did."""
    for endpoint in (await client.v1.webhook_endpoints.list_async({"limit": 100})).data:
        address = httpx.URL(endpoint.url)
        try:
            _, writer = await asyncio.open_connection(address.host, address.port)
        except OSError:
            await client.v1.webhook_endpoints.delete_async(endpoint.id)
        else:
            writer.close()


async def _meter(client: StripeClient) -> str:
    known = await client.v1.billing.meters.list_async({"status": "active", "limit": 100})
    async for meter in known.auto_paging_iter():
        if meter.event_name == FEATURE:
            return meter.id
    made = await client.v1.billing.meters.create_async(
        {"display_name": "API calls", "event_name": FEATURE, "default_aggregation": {"formula": "sum"}}
    )
    return made.id


async def _prices(client: StripeClient, meter: str) -> tuple[str, str]:
    """The plan Team: 20 dollars a month for each member, and 2 cents for a call."""
    usage = await client.v1.prices.create_async(
        {
            "currency": "usd",
            "unit_amount": 2,
            "recurring": {"interval": "month", "usage_type": "metered", "meter": meter},
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
    return usage.id, plan.id
