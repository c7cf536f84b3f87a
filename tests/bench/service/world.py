"""What the benchmarks run in: databases of an embedded PostgreSQL that writes to the disk, and servers."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
from pydantic import SecretStr

from tests.bench.service.processor import seconds_of
from tests.support.project import ROOT, Database
from treaty_runtime.credentials import issue_token
from treaty_runtime.embedded.server import EmbeddedPostgres
from treaty_runtime.embedded.watchdog import Postmaster
from treaty_runtime.migrations.upgrade import upgrade
from treaty_runtime.settings import Settings

POOL = 6  # connections of each role in each server: all servers together stay below what PostgreSQL lets in
PATIENCE = 60.0
SECRET = secrets.token_hex(32)

# As usage comes in: spread over the period, in the order of time.
_FILL = """
    INSERT INTO billing_usage_event (id, organization_id, feature, quantity, idempotency_key, occurred_at, recorded_at,
                                     billing_period)
    SELECT gen_random_uuid(), %(organization)s, 'api_calls', 1, 'old-' || n, now() - n * interval '0.1 seconds',
           now(), to_char(now(), 'YYYY-MM')
    FROM generate_series(%(from)s::int, %(to)s::int) AS n
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A database with one organization, and a token of its admin."""

    database: Database
    postmaster: int
    organization: uuid.UUID = field(default_factory=uuid.uuid4)

    @classmethod
    def make(cls, server: EmbeddedPostgres, rows: int) -> Place:
        """A place whose ledger has so many rows already."""
        running = Postmaster.read(server.home / "data")
        assert running is not None
        place = cls(Database.create(server), running.pid)
        assert place.database.urls.owner is not None
        upgrade(place.database.urls.owner, ROOT / "runtime" / "migrations")
        with psycopg.connect(place.database.superuser, autocommit=True) as connection:
            place._fill(connection, rows)
        return place

    def _fill(self, connection: psycopg.Connection[tuple[object, ...]], rows: int) -> None:
        organization, meter = self.organization, uuid.uuid4()
        connection.execute("INSERT INTO billing_organization VALUES (%s, 'Acme', now())", [organization])
        connection.execute(
            "INSERT INTO billing_membership (id, organization_id, person, role) VALUES (%s, %s, 'ann', 'admin')",
            [uuid.uuid4(), organization],
        )
        connection.execute(
            "INSERT INTO billing_meter (id, organization_id, feature, unit, product_area, aggregation)"
            " VALUES (%s, %s, 'api_calls', 'call', 'general', 'sum')",
            [meter, organization],
        )
        connection.execute(
            'INSERT INTO billing_usage_limit (id, organization_id, meter_id, "window", "limit", enforcement)'
            " VALUES (%s, %s, %s, 'day', 1000000000000, 'hard')",
            [uuid.uuid4(), organization, meter],
        )
        for first in range(1, rows + 1, 500_000):
            last = min(rows, first + 499_999)
            connection.execute(_FILL, {"organization": organization, "from": first, "to": last})
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")  # or the disk would be busy with these rows while others are counted

    @property
    def token(self) -> str:
        """An access token that holds for the whole run."""
        settings = Settings(
            database_url=SecretStr(self.database.urls.app),
            database_system_url=SecretStr(self.database.urls.system),
            jwt_secret=SecretStr(SECRET),
        )
        now = dt.datetime.now(dt.UTC)
        return issue_token(settings, "ann", now=now, valid_for=dt.timedelta(hours=5))

    def environment(self) -> dict[str, str]:
        """What a server of this place reads."""
        urls = self.database.urls
        return {
            **os.environ,
            "DATABASE_URL": urls.app,
            "DATABASE_SYSTEM_URL": urls.system,
            "TREATY_JWT_SECRET": SECRET,
            "STRIPE_API_KEY": "simulator",
            "STRIPE_WEBHOOK_SECRETS": f"whsec_{SECRET}",
            "TREATY_DATABASE_POOL_SIZE": str(POOL),
            "BENCH_APP_URL": urls.app.replace("postgresql://", "postgresql+psycopg://"),
            "BENCH_SYSTEM_URL": urls.system.replace("postgresql://", "postgresql+psycopg://"),
            "BENCH_JWT_SECRET": SECRET,
            "BENCH_POOL": str(POOL),
            "PYTHONPATH": str(ROOT),
        }


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers, and the seconds from its start to its first answer."""

    port: int
    process: int
    started_in: float


@contextmanager
def served(place: Place, command: Sequence[str | Path], first: str) -> Iterator[Serving]:
    """A server of its own process; `{port}` in the command is where it listens, `first` what it is asked first."""
    port, began = _free_port(), time.perf_counter()
    words = [str(word).replace("{port}", str(port)) for word in command]
    process = subprocess.Popen(words, cwd=ROOT, env=place.environment(), stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(headers={"Authorization": f"Bearer {place.token}"}, trust_env=False) as client:
            _first_answer(client, f"http://127.0.0.1:{port}{first}", process)
        yield Serving(port, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def treaty(*options: str) -> list[str]:
    """The command that serves what the contracts promise."""
    return [sys.executable, "-m", "tests.bench.service.serve", "--port", "{port}", *options]


def by_hand(peers: Path, module: str) -> list[str]:
    """The command that serves an endpoint written by hand."""
    app = f"tests.bench.service.by_hand.{module}:app"
    serving = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return [str(peers / "python"), "-m", "uvicorn", app, "--port", "{port}", *serving]


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to: answers that went well, in a second, and the processor time of each, in microseconds."""

    rate: float
    server: float = 0.0
    database: float = 0.0

    def for_each(self, parts: int) -> Load:
        """The same, counted by the parts that every answer is about."""
        return Load(self.rate * parts, self.server / parts, self.database / parts)


def load(place: Place, serving: Serving, what: str, *, connections: int, seconds: float) -> Load:
    """Put load on a server. Raises `RuntimeError` when anything was answered otherwise than well."""
    words = [sys.executable, "-m", "tests.bench.service.load", "--what", what, "--port", str(serving.port)]
    words += ["--token", place.token, "--connections", str(connections), "--seconds", str(seconds)]
    processes = (serving.process, place.postmaster)
    before = [seconds_of(process) for process in processes]
    said = json.loads(
        subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE + seconds).stdout
    )
    if not set(said["statuses"]) <= {"200", "201"}:
        raise RuntimeError(f"{what}: answered {said['statuses']}")
    answers = sum(said["statuses"].values())
    taken = [seconds_of(process) - earlier for process, earlier in zip(processes, before, strict=True)]
    return Load(answers / said["seconds"], *(1_000_000 * each / answers for each in taken))


def _first_answer(client: httpx.Client, url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            client.get(url)
        except httpx.TransportError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError(f"no answer from {process.args!r}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
