"""Many customers of the simulator of Stripe: their subscriptions change, and it has events of that."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from stripe import StripeClient

from generated.saas.billing.stripe_webhook import WEBHOOK

__all__ = ["Customer", "Shop", "Standing"]

CARD = "pm_card_visa"
AT_ONCE = 8
PLANS = ("team", "business")
LAST_OF = 7  # every so many customers one cancels when its subscription has changed so often
THIN = "v1."  # events of these types are no snapshots


@dataclass(slots=True)
class Customer:
    """A customer, with its subscription and the one item of that."""

    id: str
    subscription: str
    item: str
    changes: int = 0
    canceled: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be seen of a customer: the price it pays, where its subscription stands, what it is entitled to."""

    plan: str | None
    status: str | None
    features: frozenset[str]


@dataclass(slots=True)
class Shop:
    """Two plans, and those who subscribe to them."""

    client: StripeClient
    prices: list[str]
    customers: list[Customer]
    seen: str | None = None

    @classmethod
    async def open(cls, client: StripeClient, customers: int) -> Self:
        """A shop with so many customers, all of them with a subscription that is paid for."""
        prices = [await _price(client, name) for name in PLANS]
        shop = cls(client, prices, [])
        for _ in range(0, customers, AT_ONCE):
            several = min(AT_ONCE, customers - len(shop.customers))
            shop.customers += await asyncio.gather(*(shop._customer() for _ in range(several)))
        return shop

    async def change(self, customers: Iterable[Customer]) -> None:
        """Have each subscription change to the other plan; every seventh ends after some changes."""
        await asyncio.gather(*(self._change(customer) for customer in customers))

    async def news(self) -> list[dict[str, Any]]:
        """The events of types that are handled and were not asked for before, oldest first."""
        found: list[dict[str, Any]] = []
        while True:
            asked = [
                ("limit", "100"),
                *(("types[]", kind) for kind in sorted(WEBHOOK.types) if not kind.startswith(THIN)),
            ]
            asked += [("ending_before", self.seen)] if self.seen else []
            page = json.loads((await self.client.raw_request_async("get", f"/v1/events?{urlencode(asked)}")).body)
            found += reversed(page["data"])
            if page["data"]:
                self.seen = page["data"][0]["id"]
            if not page["has_more"] or not page["data"]:
                return found

    async def stands(self) -> dict[str, Standing]:
        """How each customer stands at Stripe now."""
        standings: dict[str, Standing] = {}
        for customer in self.customers:
            standings[customer.id] = await self._standing(customer)
        return standings

    async def _customer(self) -> Customer:
        v1 = self.client.v1
        customer = await v1.customers.create_async(
            {"payment_method": CARD, "invoice_settings": {"default_payment_method": CARD}}
        )
        subscription = await v1.subscriptions.create_async(
            {"customer": customer.id, "items": [{"price": self.prices[0]}]}
        )
        return Customer(customer.id, subscription.id, subscription["items"].data[0].id)

    async def _change(self, customer: Customer) -> None:
        customer.changes += 1
        subscriptions = self.client.v1.subscriptions
        if customer.changes == LAST_OF and self.customers.index(customer) % LAST_OF == 0:
            customer.canceled = True
            await subscriptions.cancel_async(customer.subscription)
            return
        price = self.prices[customer.changes % len(self.prices)]
        await subscriptions.update_async(
            customer.subscription,
            {"items": [{"id": customer.item, "price": price}], "proration_behavior": "none"},
        )

    async def _standing(self, customer: Customer) -> Standing:
        v1 = self.client.v1
        subscription = await v1.subscriptions.retrieve_async(customer.subscription)
        listed = await v1.entitlements.active_entitlements.list_async({"customer": customer.id, "limit": 100})
        features = [entitlement.lookup_key async for entitlement in listed.auto_paging_iter()]
        return Standing(subscription["items"].data[0].price.id, subscription.status, frozenset(features))


async def _price(client: StripeClient, name: str) -> str:
    """The price of a plan with a feature that all have, and one that only it has."""
    product = await client.v1.products.create_async({"name": name})
    for key in ("support", name):
        features = (await client.v1.entitlements.features.list_async({"lookup_key": key})).data
        feature = (
            features[0]
            if features
            else await client.v1.entitlements.features.create_async({"name": key, "lookup_key": key})
        )
        await client.v1.products.features.create_async(product.id, {"entitlement_feature": feature.id})
    price = await client.v1.prices.create_async(
        {"currency": "usd", "product": product.id, "unit_amount": 2000, "recurring": {"interval": "month"}}
    )
    return price.id
