"""Usage on its way to Stripe when workers die, race and are refused; the contracts' scenarios have the rest."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import promql_parser
import pytest
import yaml

from generated.app import DEFINITION
from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.reporting_claim import ReportingClaimInput
from generated.saas.billing.reporting_reconcile import ReportingReconcileInput
from saas.billing import reporting
from saas.billing.reporting import doubts, sending
from saas.billing.reporting.backend import Backend, Complaint, Counted, Sender, Sent, Usage
from saas.billing.reporting.doubts import Verdict
from saas.billing.reporting.standings import BEING_SENT, Line
from saas.billing.reporting.stripe_stream import StripeStream
from saas.billing.stripe_client import stripe_client
from tests.end_to_end.test_alerts import matches, selectors
from tests.saas.conftest import NOON, Billing, Organization
from tests.saas.working import KEY, Works, feature, working
from tests.support.project import ROOT
from treaty_runtime.jobs.orders import enqueue
from treaty_runtime.jobs.rescuing import rescue
from treaty_runtime.unit_of_work import Principal, UnitOfWork

STREAM = "/v2/billing/meter_event_stream"
WRONG = "v1.billing.meter.error_report_triggered"
PATIENCE = 60.0


@pytest.fixture
def works(billing: Billing) -> Iterator[Works]:
    """Workers of this test."""
    with working(billing) as found:
        yield found


def test_a_worker_killed_between_sending_and_marking_counts_nothing_twice(works: Works) -> None:
    name, number = feature(), 900
    organization = works.customer(name, number=number)
    works.later(minutes=3)
    # One of the four requests that are sent at once is never answered, so the worker is killed amid all of them.
    works.simulator("faults/answers", rules=[{"path": STREAM, "answer": "timeout", "seconds": 300}])
    assert works.billing.run(_claim(works, organization)) == number
    worker = _worker(works)
    try:
        _until(lambda: works.counted(organization, name) == 300)
        assert works.batches(organization) == [("stream", number, False)]
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    jobs = {job.key: job for job in DEFINITION.jobs}
    assert works.billing.run(rescue(works.service, jobs, stalled_seconds=-1)) == 1
    works.later(minutes=2)
    works.billing.run(works.jobs.drain())
    assert works.counted(organization, name) == number
    assert works.batches(organization) == [("stream", number, True)]


def test_of_two_that_claim_at_once_each_record_is_one_s_alone(works: Works) -> None:
    organization = works.customer(feature(), number=6000)
    works.later(minutes=3)

    async def both() -> tuple[int, int]:
        return await asyncio.gather(_claim(works, organization), _claim(works, organization))

    assert sorted(works.billing.run(both())) == [0, 6000]
    assert works.batches(organization) == [("stream", 5000, False), ("stream", 1000, False)]
    assert organization.count("billing_usage_report") == 6000


def test_of_two_that_reconcile_at_once_one_sends_what_is_missing(works: Works) -> None:
    name = feature()
    organization = works.customer(name, number=3)
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    works.use(organization, name, [10, 20], ago="1 hour")  # seen late: those that came after it were claimed already
    works.later(days=1)

    async def both() -> tuple[int, int]:
        return await asyncio.gather(_reconcile(works, organization), _reconcile(works, organization))

    assert sorted(works.billing.run(both())) == [0, 2]
    works.run_job("claim", organization.id)
    assert works.counted(organization, name) == 33
    told = works.run_job("reconcile", organization.id)
    assert told == {"resent": 0, "settled": 0, "differences": []}


def test_the_last_reading_of_a_second_is_the_one_that_counts(works: Works) -> None:
    name = feature()
    organization = works.customer(name, "last")
    works.use(organization, name, [*range(700, 350, -1), 5])
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    assert works.batches(organization) == [("stream", 351, True)]
    assert works.counted(organization, name) == 5


def test_a_session_is_renewed_before_it_ends_and_when_it_has_ended(works: Works) -> None:
    name = feature()
    organization = works.customer(name)
    customer = works.billing.database.execute(
        "SELECT stripe_customer_id FROM billing_organization WHERE id = %s", [organization.id]
    )[0][0]
    stream, now = StripeStream(works.billing.run(stripe_client(works.billing.settings))), dt.datetime.now(dt.UTC)

    def send(at: dt.datetime) -> tuple[Sent, str]:
        usage = Usage(uuid4().hex, customer, name, 1, NOON)
        sent = works.billing.run(stream.send([usage], at))
        return sent, stream._session.token

    first = send(now)
    assert send(now + dt.timedelta(minutes=10)) == first == (Sent(1), first[1])
    renewed = send(now + dt.timedelta(minutes=14))
    assert renewed[0] == Sent(1)
    assert renewed[1] != first[1]
    works.simulator("clock", advance=16 * 60)
    after = send(now)
    assert after[0] == Sent(1)
    assert after[1] != renewed[1]
    assert works.counted(organization, name) == 4


def test_what_is_in_doubt_is_not_held_for_counted_because_of_what_is_under_way() -> None:
    mine, other = (Line("calls", NOON.date(), BEING_SENT, uuid4(), 5, 1, NOON, None) for _ in range(2))
    assert mine.batch is not None
    assert doubts.verdict([mine], [mine.batch], Aggregation.SUM, 5) is Verdict.PRESENT
    assert doubts.verdict([mine, other], [mine.batch], Aggregation.SUM, 5) is Verdict.UNKNOWN


def test_a_clock_that_is_ahead_of_stripe_s_has_usage_wait_and_not_lost(works: Works) -> None:
    name = feature()
    now = httpx.get(f"{works.address}/_simulator/clock", trust_env=False).json()["now"]
    works.billing.clock.set(dt.datetime.fromtimestamp(now, dt.UTC) + dt.timedelta(minutes=10))
    organization = works.customer(name)
    works.use(organization, name, [5])
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    assert works.batches(organization) == [("events", 1, False)]
    works.later(minutes=5)
    works.simulator("clock", advance=5 * 60)
    works.run_job("claim", organization.id)
    assert works.batches(organization) == [("events", 1, True)]


@dataclass
class OtherBackend:
    """Another billing backend: it takes three at a time, and refuses sevens."""

    took: list[int] = field(default_factory=list)

    @property
    def events(self) -> Sender:
        """Itself."""
        return self

    @property
    def stream(self) -> Sender:
        """Itself."""
        return self

    async def send(self, usage: Sequence[Usage], now: dt.datetime) -> Sent:
        """Take three."""
        self.took += [event.quantity for event in usage[:3]]
        refused = {event.identifier: "unlucky" for event in usage[:3] if event.quantity == 7}
        return Sent(3, refused, "three are enough") if len(usage) > 3 else Sent(len(usage), refused)

    def problem(self, usage: Usage, now: dt.datetime) -> str | None:
        """Thirteen it does not even look at."""
        return "thirteen" if usage.quantity == 13 else None

    async def void(self, usage: Sequence[Usage], now: dt.datetime) -> Sent:
        """It forgets everything."""
        return Sent(len(usage))

    async def counted(self, customer: str, feature: str, first: dt.date, end: dt.date) -> Counted | None:
        """It does not say."""
        return None

    async def complaint(self, event_id: str) -> Complaint:
        """It never complains."""
        return Complaint({}, {})

    def identifier(self, tenant: UUID, record: UUID) -> str:
        """The record's own."""
        return str(record)

    def named(self, identifier: str) -> tuple[UUID, UUID] | None:
        """Of nobody."""
        return None


def test_another_backend_takes_what_it_can_and_the_rest_later(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    other = OtherBackend()
    backend: Backend = other

    async def open_other(_settings: object) -> Backend:
        return backend

    monkeypatch.setattr(sending, "stripe_backend", open_other)
    name = feature()
    organization = works.customer(name)
    works.use(organization, name, [1, 7, 13, 2, 3, 4])
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    assert works.batches(organization) == [("events", 4, True), ("events", 2, False)]
    works.run_job("claim", organization.id)  # too early for another try
    assert other.took == [1, 7, 2]
    works.later(minutes=2)
    works.run_job("claim", organization.id)
    assert works.batches(organization) == [("events", 4, True), ("events", 2, True)]
    assert other.took == [1, 7, 2, 3, 4]
    problems = works.billing.database.execute(
        "SELECT problem FROM billing_usage_report WHERE organization_id = %s AND problem IS NOT NULL ORDER BY 1",
        [organization.id],
    )
    assert problems == [("thirteen",), ("unlucky",)]


def test_what_stripe_complains_of_is_noted_with_its_own_record_alone_and_sets_off_the_alert(works: Works) -> None:
    name = feature()
    mine, theirs = works.customer(name, number=1), works.billing.organization()
    works.billing.database.execute(
        "UPDATE billing_organization SET stripe_customer_id = %s WHERE id = %s", [f"cus_{uuid4().hex}", mine.id]
    )
    works.later(minutes=3)
    works.run_job("claim", mine.id)
    told = _until(lambda: works.client.v2.core.events.list({"types": [WRONG], "limit": 1}).data)[0]
    works.run_job("explain", eventId=told.id)
    rows = works.billing.database.execute(
        "SELECT id, problem FROM billing_usage_report WHERE organization_id = %s", [mine.id]
    )
    assert [problem for _, problem in rows] == ["meter_event_customer_not_found"]
    records = [{"record": str(rows[0][0]), "code": "made_up"}]
    assert works.run_job("mark", theirs.id, records=records) == {"marked": 0}
    rules = yaml.safe_load((ROOT / "runtime" / "alerts.yaml").read_text())["groups"][0]["rules"]
    series = [
        (sample.name, sample.labels) for metric in works.service.metrics.registry.collect() for sample in metric.samples
    ]
    (rule,) = [rule for rule in rules if rule["alert"] == "UsageOfUnknownCustomers"]
    for selector in selectors(promql_parser.parse(rule["expr"])):
        assert any(matches(selector, *one) for one in series), selector


@asynccontextmanager
async def _unit_of_work(works: Works, organization: Organization) -> AsyncIterator[UnitOfWork]:
    """The transaction of a job; what it orders waits in the queue afterwards."""
    tenant, now = UUID(organization.id), works.billing.clock.now()
    async with works.service.database.transaction(tenant=tenant, now=now) as session:
        uow = UnitOfWork(
            session=session,
            principal=Principal("job", KEY),
            tenant_id=tenant,
            now=now,
            request_id=str(uuid4()),
            settings=works.billing.settings,
        )
        yield uow
        await session.flush()
        await enqueue(session, uow.orders)


async def _claim(works: Works, organization: Organization) -> int:
    """Claim without having anything sent yet."""
    async with _unit_of_work(works, organization) as uow:
        return (await reporting.claim(uow, ReportingClaimInput(organization_id=uow.tenant))).claimed


async def _reconcile(works: Works, organization: Organization) -> int:
    async with _unit_of_work(works, organization) as uow:
        return (await reporting.reconcile(uow, ReportingReconcileInput(organization_id=uow.tenant))).resent


def _worker(works: Works) -> subprocess.Popen[bytes]:
    settings = works.billing.settings
    assert settings.database_url
    assert settings.database_system_url
    assert settings.jwt_secret
    assert settings.stripe_webhook_secrets
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "DATABASE_SYSTEM_URL": settings.database_system_url.get_secret_value(),
        "TREATY_JWT_SECRET": settings.jwt_secret.get_secret_value(),
        "TREATY_DATA_DIR": str(settings.data_dir),
        "STRIPE_API_KEY": "simulator",
        "STRIPE_WEBHOOK_SECRETS": settings.stripe_webhook_secrets.get_secret_value(),
    }
    words = [sys.executable, "-m", "tests.saas.reporting_worker", works.billing.clock.now().isoformat()]
    return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def _until(condition: Any) -> Any:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come")
