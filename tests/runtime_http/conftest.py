"""The notes service on a real database, twice: two applications, as two replicas would be, share it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import secrets
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from litestar import Litestar
from pydantic import SecretStr
from structlog.testing import capture_logs

from tests.runtime_http import notes
from tests.support.project import Database
from treaty_runtime.acceptance.server import Server
from treaty_runtime.application import build_app
from treaty_runtime.clock import ManualClock
from treaty_runtime.credentials import ApiKey, issue_token
from treaty_runtime.embedded.server import EmbeddedPostgres
from treaty_runtime.migrations.upgrade import upgrade
from treaty_runtime.service import Service
from treaty_runtime.settings import Settings

T = TypeVar("T")

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
SECRET = "hunter2"  # what tests send in fields that are sensitive
OPERATOR = "the operators' token, of 32 bytes or more"
WEBHOOK_SECRETS = ("whsec_the_new_one_of_two_that_are_active", "whsec_the_old_one_of_two_that_are_active")
KEPT = ("treaty.runtime_revision", "treaty.application_revision")


@dataclass(frozen=True, slots=True)
class Replica:
    """One application behind a socket of its own."""

    app: Litestar
    server: Server

    @property
    def service(self) -> Service:
        """What lives in it."""
        service: Service = self.app.state.service
        return service


@dataclass(frozen=True, slots=True)
class Notes:
    """Everything a test needs: two replicas, their database, settings and clock, and what they log."""

    runner: asyncio.Runner
    replicas: tuple[Replica, Replica]
    database: Database
    settings: Settings
    clock: ManualClock
    lines: list[Any] = field(default_factory=list)
    planted: set[str] = field(default_factory=set)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` in the event loop that serves too."""
        return self.runner.run(work)

    def client(self, token: str | None = None, *, replica: int = 0, **headers: str) -> httpx.AsyncClient:
        """A client of one replica."""
        own = {"Authorization": f"Bearer {token}"} if token else {}
        address = self.replicas[replica].server.address
        return httpx.AsyncClient(base_url=address, headers={**own, **headers}, timeout=60, trust_env=False)

    def send(self, method: str, path: str, token: str | None = None, **more: Any) -> httpx.Response:
        """One request to the first replica."""

        async def sent() -> httpx.Response:
            async with self.client(token) as client:
                return await client.request(method, path, **more)

        return self.run(sent())

    def token(self, person: str, **more: Any) -> str:
        """An access token that holds for an hour."""
        token = issue_token(self.settings, person, now=self.clock.now(), valid_for=dt.timedelta(hours=1), **more)
        self.planted.add(token.rsplit(".", 1)[1])
        return token

    def organization(self, **members: str) -> UUID:
        """A new organization, with its members and their roles."""
        organization = uuid4()
        self.database.execute("INSERT INTO notes_organization VALUES (%s, 'Acme')", [organization])
        for person, role in members.items():
            self.join(organization, person, role)
        return organization

    def join(self, organization: UUID, person: str, role: str) -> None:
        """Make somebody a member."""
        self.database.execute(
            "INSERT INTO notes_membership VALUES (%s, %s, %s, %s)", [uuid4(), organization, person, role]
        )

    def entitle(self, organization: UUID, thing: str, lapsed_at: dt.datetime | None = None) -> None:
        """Have an organization pay for something, or have paid for it until then."""
        self.database.execute(
            "INSERT INTO notes_right VALUES (%s, %s, %s, %s)", [uuid4(), organization, thing, lapsed_at]
        )

    def key(self, organization: UUID, roles: Iterable[str] = (), scopes: Iterable[str] = ()) -> ApiKey:
        """A service key of an organization."""
        key = ApiKey.new()
        self.planted.add(key.text.rsplit("_", 1)[1])
        self.database.execute(
            "INSERT INTO treaty.api_key (id, prefix, hash, tenant, name, roles, scopes, created_at)"
            " VALUES (%s, %s, %s, %s, 'test', %s, %s, now())",
            [uuid4(), key.prefix, key.hash(), organization, list(roles), list(scopes)],
        )
        return key

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database holds, seen past row-level security."""
        return self.database.execute(statement, values)

    def superuser_of(self, database: str) -> Callable[..., list[tuple[Any, ...]]]:
        """The same server, seen from another database."""
        url = re.sub(r"/test_\w+", f"/{database}", self.database.superuser)
        elsewhere = Database(self.database.urls, url)
        return lambda statement, *values: elsewhere.execute(statement, values)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines that were logged under a name."""
        return [line for line in self.lines if line["event"] == event]


def code(answer: httpx.Response) -> tuple[int, str]:
    """How a request was refused; the document is looked at, too."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:treaty:problem:{problem['code']}"
    assert problem["requestId"] == answer.headers["x-request-id"]
    assert problem["title"]
    assert problem["detail"]
    return answer.status_code, problem["code"]


@pytest.fixture(scope="session")
def prepared(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, Settings]:
    """A database with the runtime's tables and the notes', and settings to reach it."""
    database = Database.create(postgres)
    assert database.urls.owner is not None
    upgrade(database.urls.owner, tmp_path_factory.mktemp("no-migrations"))
    with psycopg.connect(database.urls.owner) as connection:
        connection.execute(notes.SCHEMA)
    settings = Settings(
        database_url=SecretStr(database.urls.app),
        database_system_url=SecretStr(database.urls.system),
        jwt_secret=SecretStr(secrets.token_hex(32)),
        data_dir=tmp_path_factory.mktemp("data"),
        max_body_bytes=100_000,
        failed_attempts=5,
        operator_token=SecretStr(OPERATOR),
        upgrade_url="https://notes.example/more",
        stripe_api_key=SecretStr("simulator"),
        stripe_webhook_secrets=SecretStr(",".join(WEBHOOK_SECRETS)),
    )
    return database, settings


@pytest.fixture(scope="session")
def served(prepared: tuple[Database, Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notes]:
    """Both replicas, started once for the test process."""
    database, settings = prepared
    clock = ManualClock(NOON)
    definition = notes.definition(tmp_path_factory.mktemp("generated"))
    with asyncio.Runner() as runner:
        apps = [build_app(definition, notes.routes(), settings=settings, clock=clock) for _ in range(2)]
        replicas = [Replica(app, Server(app)) for app in apps]
        for replica in replicas:
            assert runner.run(replica.server.start())
        yield Notes(runner, (replicas[0], replicas[1]), database, settings, clock)
        for replica in replicas:
            runner.run(replica.server.stop())


@pytest.fixture
def service(served: Notes) -> Iterator[Notes]:
    """Both replicas with empty tables, at noon."""
    served.clock.set(NOON)
    tables = served.rows(
        "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'treaty')"
    )
    deletes = [f"DELETE FROM {table};" for (table,) in tables if table not in KEPT]
    served.rows(f"SET session_replication_role = replica; {' '.join(deletes)}")
    with capture_logs() as lines:
        told = replace(served, lines=lines, planted={SECRET, served.settings.jwt_key})
        yield told
    # Whatever a test was about: what was planted is in no log line, no audit record and no error that was kept.
    audit = served.rows("SELECT a::text FROM treaty.audit AS a UNION ALL SELECT last_error FROM treaty.outbox")
    said = json.dumps([lines, audit], default=str)
    assert not [secret for secret in told.planted if secret in said]
