"""Workers that report usage to the simulator of Stripe when a test says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from stripe import StripeClient

from generated.app import DEFINITION, TASKS
from saas.billing.stripe_client import stripe_client
from stripe_simulator import Simulator
from tests.saas.conftest import NOON, Billing, Organization, usage
from treaty_runtime.acceptance.jobs import Jobs
from treaty_runtime.jobs.queue import Queue
from treaty_runtime.service import Service, open_service

__all__ = ["KEY", "Works", "feature", "working"]

KEY = "saas.billing.reporting"


@dataclass(frozen=True, slots=True)
class Works:
    """What works beside the application, with a client of the Stripe that it reports to."""

    billing: Billing
    service: Service
    jobs: Jobs
    client: StripeClient
    address: str

    def run_job(self, name: str, organization: str | None = None, **values: Any) -> Any:
        """Run a job for one organization, with what it enqueues; what it tells."""
        own = UUID(organization) if organization else None
        done = self.billing.run(self.jobs.run(f"{KEY}.{name}", values, own, own))
        assert done.succeeded, done.error
        return done.body

    def simulator(self, path: str, **parameters: Any) -> None:
        """Tell the simulator something."""
        httpx.post(f"{self.address}/_simulator/{path}", json=parameters, trust_env=False).raise_for_status()

    def customer(self, feature: str, aggregation: str = "sum", number: int = 0) -> Organization:
        """An organization that is a customer of Stripe, with so many records of a feature, and both sides' meters."""
        organization = self.billing.organization()
        organization.meter(feature, aggregation)
        self.client.v1.billing.meters.create(
            {"display_name": feature, "event_name": feature, "default_aggregation": {"formula": aggregation}}
        )
        self.billing.database.execute(
            "UPDATE billing_organization SET stripe_customer_id = %s WHERE id = %s",
            [self.client.v1.customers.create().id, organization.id],
        )
        self.use(organization, feature, [1] * number)
        return organization

    def use(self, organization: Organization, feature: str, quantities: Sequence[int], ago: str = "0") -> None:
        """Put records into the ledger, all of one moment."""
        self.billing.database.execute(
            "INSERT INTO billing_usage_event (id, organization_id, feature, quantity, idempotency_key, occurred_at,"
            " recorded_at, billing_period) SELECT CAST(lpad(to_hex(n), 8, '0') || substr(gen_random_uuid()::text, 9)"
            " AS uuid), %(organization)s, %(feature)s, quantity, gen_random_uuid()::text, %(now)s - %(ago)s::interval,"
            " %(now)s - %(ago)s::interval, '2026-11' FROM unnest(%(quantities)s::bigint[])"
            " WITH ORDINALITY AS given(quantity, n)",
            {
                "organization": organization.id,
                "feature": feature,
                "quantities": list(quantities),
                "now": self.billing.clock.now(),
                "ago": ago,
            },
        )

    def counted(self, organization: Organization, feature: str) -> int:
        """What Stripe has counted of it."""
        ((customer,),) = self.billing.database.execute(
            "SELECT stripe_customer_id FROM billing_organization WHERE id = %s", [organization.id]
        )
        meters = self.client.v1.billing.meters.list({"limit": 100}).auto_paging_iter()
        meter = next(meter.id for meter in meters if meter.event_name == feature)
        days = {"start_time": int(NOON.timestamp()) - 86400, "end_time": int(NOON.timestamp()) + 86400 * 3}
        found = self.client.v1.billing.meters.event_summaries.list(meter, {"customer": customer, **days})  # type: ignore[typeddict-item]
        return int(sum(summary.aggregated_value for summary in found.data))

    def record(self, organization: Organization, name: str, quantity: int, **more: Any) -> str:
        """Record usage as its admin does; the record."""
        body = usage(name, quantity, **more)
        assert self.post(organization, "/billing/usage", body).status_code == 201
        ((record,),) = self.billing.database.execute(
            "SELECT id FROM billing_usage_event WHERE organization_id = %s AND idempotency_key = %s",
            [organization.id, body["idempotencyKey"]],
        )
        return str(record)

    def void(self, organization: Organization, record: str) -> httpx.Response:
        """Take a record back, as its admin does."""
        return self.post(organization, f"/billing/usage/{record}/void", {})

    def post(self, organization: Organization, path: str, body: dict[str, Any]) -> httpx.Response:
        """Send something as its admin."""

        async def posting() -> httpx.Response:
            async with organization.client() as client:
                return await client.post(path, json=body)

        return self.billing.run(posting())

    def batches(self, organization: Organization) -> list[tuple[str, int, bool]]:
        """Its batches: the way, how many records, whether it was sent."""
        return self.billing.database.execute(
            "SELECT way, records, sent_at IS NOT NULL FROM billing_usage_batch WHERE organization_id = %s ORDER BY id",
            [organization.id],
        )

    def later(self, **passed: float) -> None:
        """Let time pass here."""
        self.billing.clock.set(self.billing.clock.now() + dt.timedelta(**passed))


@contextmanager
def working(billing: Billing) -> Iterator[Works]:
    """Workers that do what they are told, at noon."""
    stack = AsyncExitStack()

    async def begin() -> Works:
        service = await stack.enter_async_context(open_service(DEFINITION, billing.settings, billing.clock))
        queue = await stack.enter_async_context(Queue.open(service, TASKS))
        await stripe_client(billing.settings)  # which starts the simulator
        address = Simulator.running(billing.settings.data_dir / "stripe") or ""
        client = StripeClient("sk_test_tests", base_addresses={"api": address, "meter_events": address})
        return Works(billing, service, Jobs(service, queue), client, address)

    works = billing.run(begin())
    try:
        works.simulator("faults/answers", rules=[])
        yield works
    finally:
        billing.run(stack.aclose())


def feature() -> str:
    """A name that no other test uses."""
    return f"f_{uuid4().hex[:12]}"
