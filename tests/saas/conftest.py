"""The billing application on a real database, behind a real socket, with a clock that tests move."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from generated.app import create_app
from tests.support.project import ROOT, Database
from treaty_runtime.acceptance.server import Server
from treaty_runtime.clock import ManualClock
from treaty_runtime.credentials import ApiKey, issue_token
from treaty_runtime.embedded.server import EmbeddedPostgres
from treaty_runtime.migrations.upgrade import upgrade
from treaty_runtime.settings import Settings
from treaty_runtime.unit_of_work import Principal, UnitOfWork

T = TypeVar("T")

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Billing:
    """The running application, its database and its clock."""

    runner: asyncio.Runner
    address: str
    settings: Settings
    database: Database
    clock: ManualClock

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` in the event loop that serves the application too."""
        return self.runner.run(work)

    def organization(self) -> Organization:
        """A new organization with an admin."""
        organization = Organization(self, str(uuid4()))
        self.database.execute(
            "INSERT INTO billing_organization (id, name, created_at) VALUES (%s, 'Acme', now())", [organization.id]
        )
        self.database.execute(
            "INSERT INTO billing_membership (id, organization_id, person, role) VALUES (%s, %s, %s, 'admin')",
            [str(uuid4()), organization.id, organization.admin],
        )
        return organization


@dataclass(frozen=True, slots=True)
class Organization:
    """One organization, as its admin acts in it."""

    billing: Billing
    id: str

    @property
    def admin(self) -> str:
        """Somebody who is an admin here and nothing anywhere else."""
        return f"admin-of-{self.id}"

    def meter(self, feature: str, aggregation: str = "sum") -> str:
        """Measure a feature."""
        meter = str(uuid4())
        self.billing.database.execute(
            "INSERT INTO billing_meter (id, organization_id, feature, unit, product_area, aggregation)"
            " VALUES (%s, %s, %s, 'unit', 'general', %s)",
            [meter, self.id, feature, aggregation],
        )
        return meter

    def limit(self, meter: str, limit: int, window: str = "day", enforcement: str = "hard") -> None:
        """Limit what a meter measures."""
        self.billing.database.execute(
            'INSERT INTO billing_usage_limit (id, organization_id, meter_id, "window", "limit", enforcement)'
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [str(uuid4()), self.id, meter, window, limit, enforcement],
        )

    def service_key(self, *roles: str) -> str:
        """A key for a service of the organization."""
        key = ApiKey.new()
        self.billing.database.execute(
            "INSERT INTO treaty.api_key (id, prefix, hash, tenant, name, roles, created_at)"
            " VALUES (%s, %s, %s, %s, 'tests', %s, now())",
            [str(uuid4()), key.prefix, key.hash(), self.id, list(roles)],
        )
        return key.text

    def client(self) -> httpx.AsyncClient:
        """A client that calls as the admin."""
        token = issue_token(
            self.billing.settings, self.admin, now=self.billing.clock.now(), valid_for=dt.timedelta(days=3650)
        )
        return httpx.AsyncClient(
            base_url=self.billing.address, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
        )

    def unit_of_work(self, session: AsyncSession) -> UnitOfWork:
        """What a job of the organization works with, at noon."""
        return UnitOfWork(
            session=session,
            tenant_id=UUID(self.id),
            now=NOON,
            principal=Principal("job", "tests"),
            request_id="tests",
            settings=self.billing.settings,
            job_id=1,
        )

    def totals(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """Usage and number of records, by feature, window and period."""
        rows = self.billing.database.execute(
            'SELECT feature, "window", period, usage, events FROM billing_usage_total WHERE organization_id = %s',
            [self.id],
        )
        return {(feature, window, period): (usage, events) for feature, window, period, usage, events in rows}

    def events(self, key: str) -> list[dict[str, Any]]:
        """The events of this kind that were told, oldest first."""
        rows = self.billing.database.execute(
            "SELECT payload FROM treaty.outbox WHERE tenant = %s AND key = %s ORDER BY id",
            [self.id, f"saas.billing.{key}"],
        )
        return [payload for (payload,) in rows]

    def count(self, table: str) -> int:
        """How many rows the organization has in a table."""
        ((number,),) = self.billing.database.execute(
            f"SELECT count(*) FROM {table} WHERE organization_id = %s", [self.id]
        )
        return int(number)


def usage(feature: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A record of usage with a key of its own."""
    return {"feature": feature, "quantity": quantity, "idempotencyKey": uuid4().hex, **more}


@pytest.fixture(scope="session")
def application(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Billing]:
    """The application, started once for the test process."""
    database = Database.create(postgres)
    assert database.urls.owner is not None
    upgrade(database.urls.owner, ROOT / "runtime" / "migrations")
    settings = Settings(
        database_url=SecretStr(database.urls.app),
        database_system_url=SecretStr(database.urls.system),
        jwt_secret=SecretStr(secrets.token_hex(32)),
        stripe_api_key=SecretStr("simulator"),
        stripe_webhook_secrets=SecretStr(f"whsec_{secrets.token_hex(32)}"),
        data_dir=tmp_path_factory.mktemp("billing"),
    )
    clock = ManualClock(NOON)
    with asyncio.Runner() as runner:
        server = Server(create_app(settings, clock=clock))
        assert runner.run(server.start())
        yield Billing(runner, server.address, settings, database, clock)
        runner.run(server.stop())


@pytest.fixture
def billing(application: Billing) -> Billing:
    """The application, at noon of 20 November 2026."""
    application.clock.set(NOON)
    return application
