"""The billing service, as a process of its own on a real database, and somebody who may call it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.project import ROOT, Database, Project, Service
from treaty_runtime.embedded.server import EmbeddedPostgres

ORGANIZATION = "018f0000-0000-7000-8000-0000000000a1"
MEMBER = "018f0000-0000-7000-8000-0000000000a2"
METER = "018f0000-0000-7000-8000-0000000000a3"
LIMITS = "treaty.rate_limit", "treaty.failed_attempt"


@dataclass(frozen=True, slots=True)
class Billing:
    """The running service, with one organization, an admin of it and its service key."""

    service: Service
    key: str
    admin: str

    def forget_limits(self) -> None:
        """As if nobody had called before: a test that sends thousands of requests is not about limits."""
        for table in LIMITS:
            self.service.database.execute(f"DELETE FROM {table}")


@pytest.fixture(scope="session")
def billing(postgres: EmbeddedPostgres) -> Iterator[Billing]:
    """The billing service; nothing it was asked may have been answered with a bug."""
    quick = {"TREATY_REQUEST_TIMEOUT": "5"}  # whoever sends slowly is sent away soon
    service = Project(ROOT, (".", "generator", "runtime"), quick).on(Database.create(postgres))
    service.treaty("upgrade")
    _fill(service.database)
    key = service.treaty("key", "create", "--tenant", ORGANIZATION, "--name", "tests", "--role", "admin").split()[-1]
    with service.served():
        yield Billing(service, key, service.token("ann"))
    assert "Traceback" not in service.log, service.log
    for secret in (service.secret, key.rsplit("_", 1)[-1]):
        assert secret not in service.log


def _fill(database: Database) -> None:
    database.execute(
        "INSERT INTO billing_organization (id, name, created_at) VALUES (%s, 'Acme', now())", [ORGANIZATION]
    )
    database.execute(
        "INSERT INTO billing_membership (id, organization_id, person, role) VALUES (%s, %s, 'ann', 'admin')",
        [MEMBER, ORGANIZATION],
    )
    database.execute(
        "INSERT INTO billing_meter (id, organization_id, feature, unit, product_area, aggregation)"
        " VALUES (%s, %s, 'api_calls', 'call', 'general', 'sum')",
        [METER, ORGANIZATION],
    )
