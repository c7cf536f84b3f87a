"""One simulator for the test process, reached as a service reaches Stripe: through the SDK, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import stripe

from stripe_simulator import Simulator
from stripe_simulator.catalogue import ENDPOINTS
from stripe_simulator.routing import Router
from tests.stripe_simulator.sdk import misfits, operations

ROUTER = Router(ENDPOINTS)
NOVEMBER = 1793491200  # 1 November 2026, 00:00 UTC: the month has 30 days


@dataclass(frozen=True, slots=True)
class Shop:
    """A simulator and a client of it, with things to sell."""

    simulator: Simulator
    client: stripe.StripeClient

    def customer(self, card: str | None = "pm_card_visa") -> stripe.Customer:
        """A customer, with a card."""
        if card is None:
            return self.client.v1.customers.create({"email": "buyer@example.com"})
        settings: stripe.params.CustomerCreateParamsInvoiceSettings = {"default_payment_method": card}
        return self.client.v1.customers.create({"payment_method": card, "invoice_settings": settings})

    def product(self, *features: str) -> stripe.Product:
        """A product that entitles to new features, named so and made unique."""
        product = self.client.v1.products.create({"name": "Pro"})
        for name in features:
            feature = self.client.v1.entitlements.features.create({"name": name, "lookup_key": name})
            self.client.v1.products.features.create(product.id, {"entitlement_feature": feature.id})
        return product

    def seats(self, amount: int = 1500, product: str | None = None) -> stripe.Price:
        """A monthly price for each seat."""
        return self.client.v1.prices.create(
            {
                "currency": "usd",
                "product": product or self.product().id,
                "unit_amount": amount,
                "recurring": {"interval": "month"},
            }
        )

    def meter(self, formula: str = "sum") -> stripe.billing.Meter:
        """A meter with an event name of its own."""
        return self.client.v1.billing.meters.create(
            {
                "display_name": "Calls",
                "event_name": f"calls-{uuid4().hex}",
                "default_aggregation": {"formula": formula},
            }
        )

    def subscription(self, customer: stripe.Customer, *prices: stripe.Price, quantity: int = 1) -> stripe.Subscription:
        """A subscription to prices, so many of those that are not metered."""
        items: list[stripe.params.SubscriptionCreateParamsItem] = [
            {"price": price.id} if _metered(price) else {"price": price.id, "quantity": quantity} for price in prices
        ]
        return self.client.v1.subscriptions.create({"customer": customer.id, "items": items})

    def use(self, meter: stripe.billing.Meter, customer: stripe.Customer, value: int, **more: Any) -> None:
        """Usage that the meter counts."""
        payload = {"stripe_customer_id": customer.id, "value": str(value)}
        self.client.v1.billing.meter_events.create({"event_name": meter.event_name, "payload": payload, **more})  # type: ignore[typeddict-item]

    def now(self) -> int:
        """The simulated time."""
        return int(self.simulator.ask("clock")["now"])

    def invoices(self, customer: stripe.Customer) -> list[stripe.Invoice]:
        """A customer's invoices, newest first."""
        return self.client.v1.invoices.list({"customer": customer.id}).data

    def told(self, subject: str, *kinds: str) -> list[str]:
        """Which of these kinds of snapshots told of an object, or of what belongs to it, oldest first."""
        found = self.client.v1.events.list({"types": list(kinds), "limit": 30}).data
        return [each.type for each in reversed(found) if subject in str(each.data.object)]

    def usage(self, meter: stripe.billing.Meter, amount: str = "2.5") -> stripe.Price:
        """A monthly price for each unit that the meter counts."""
        return self.client.v1.prices.create(
            {
                "currency": "usd",
                "product": self.product().id,
                "unit_amount_decimal": Decimal(amount),
                "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
            }
        )


def _metered(price: stripe.Price) -> bool:
    return price.recurring is not None and price.recurring.usage_type == "metered"


class Checking(stripe.RequestsClient):
    """Sends requests as the SDK does, and holds every answer against what the SDK says that it is."""

    def __init__(self) -> None:
        super().__init__()
        self.called: set[tuple[str, tuple[str, ...]]] = set()

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        """Send it. Fails on an answer that does not fit."""
        answer = super().request(method, url, headers, post_data, **more)
        body, status, _ = answer
        endpoint, _values = ROUTER.find(method.upper(), urlsplit(url).path)
        if status < 300:
            key = (endpoint.method, endpoint.shape())
            self.called.add(key)
            result = operations()[key].result
            wrong = misfits(json.loads(body), result, endpoint.path) if result is not None else []
            assert not wrong, "\n".join(wrong)
        return answer


HTTP = Checking()


def client_of(
    simulator: Simulator, key: str = "sk_test_simulated", *, retries: int = 0, http: Checking | None = None
) -> stripe.StripeClient:
    """A client as the service makes it, whose answers are checked."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": simulator.address, "meter_events": simulator.address},
        max_network_retries=retries,
        http_client=http or HTTP,
    )


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A running simulator."""
    stripe.enable_telemetry = False
    with Simulator.start(tmp_path_factory.mktemp("stripe")) as running:
        running.order("clock", now=NOVEMBER, standing=True)
        yield running


@pytest.fixture(scope="session")
def shop(simulator: Simulator) -> Shop:
    """The simulator with its client."""
    return Shop(simulator, client_of(simulator))
