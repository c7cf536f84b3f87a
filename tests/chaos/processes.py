"""The service as operators run it: two replicas (one with a wrong clock) and two workers, on one durable PostgreSQL."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from tests.support.project import ROOT, Database, Project, Service
from treaty_runtime.embedded.account import Account
from treaty_runtime.embedded.server import EmbeddedPostgres
from treaty_runtime.jobs.orders import QUEUE

SKEW_SECONDS = 90
PATIENCE = 60.0
JOB = "saas.billing.reconcile"
EVENTS_SECRET = "chaos" * 8


@dataclass(slots=True)
class Process:
    """One process of the service, which comes back when it was killed, as an orchestrator would see to."""

    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    port: int | None = None
    running: subprocess.Popen[bytes] | None = None
    kills: int = 0

    @property
    def address(self) -> str:
        """Where a replica answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it works."""
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                self.command, cwd=ROOT, env=dict(self.environment), stdout=output, stderr=subprocess.STDOUT
            )
        self._wait(self._works)

    def kill(self) -> None:
        """SIGKILL, and start it again."""
        assert self.running is not None
        self.running.kill()
        self.running.wait()
        self.kills += 1
        self.start()

    def stop(self) -> None:
        """SIGTERM. It has to end in order."""
        if self.running is None:
            return
        self.running.send_signal(signal.SIGTERM)
        try:
            code = self.running.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.running.kill()
            raise
        assert code == 0, f"{' '.join(self.command)} ended with {code}; its log is {self.log}"

    def _works(self) -> bool:
        """Whether a replica answers, or a worker says that it has started."""
        if self.port is None:
            return self.log.read_text().count("worker_started") > self.kills
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.address}/health/live", trust_env=False).is_success
        return False

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self.running is not None
            assert self.running.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < deadline, f"{' '.join(self.command)} does not start; its log is {self.log}"
            time.sleep(0.02)


@dataclass(slots=True)
class Deployment:
    """The running service and its database."""

    postgres: EmbeddedPostgres
    database: Database
    replicas: list[Process]
    workers: list[Process]
    restarts: int = 0
    backends_stopped: int = 0
    jobs_repeated: int = 0
    logs: list[Path] = field(default_factory=list)

    @classmethod
    @contextmanager
    def running(
        cls, folder: Path, events_url: str, *, of_each: int = 2, settings: Mapping[str, str] | None = None
    ) -> Iterator[Self]:
        """Everything up while the block runs, so many of each kind of process; in the end all must stop in order."""
        with ExitStack() as stack:
            postgres = stack.enter_context(EmbeddedPostgres.start(folder / "postgres", durable=True))
            service = Project(ROOT, (".", "generator", "runtime")).on(Database.create(postgres))
            service.treaty("upgrade")
            environment = {**_environment(service, events_url), **(settings or {})}
            replicas = [_replica(folder, environment, number) for number in range(of_each)]
            workers = [_worker(folder, environment, number) for number in range(of_each)]
            for process in (*replicas, *workers):
                stack.callback(process.stop)
                process.start()
            yield cls(postgres, service.database, replicas, workers, logs=[each.log for each in (*replicas, *workers)])

    def restart_postgres(self, mode: str) -> None:
        """Stop PostgreSQL (`fast` cuts its clients off, `immediate` is a crash) and start it again."""
        account, data = Account.choose(), self.postgres.home / "data"
        command = (self.postgres.binaries / "pg_ctl", "restart", "--wait", "--silent", f"--mode={mode}")
        done = account.run(*command, "--pgdata", data, "--log", data / "server.log")
        assert done.returncode == 0, done.stderr
        self.restarts += 1

    def hold_up_backends(self, seconds: float) -> None:
        """Stop every connection's process in PostgreSQL again and again: a database that is slow at everything."""
        deadline = time.monotonic() + seconds
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        while time.monotonic() < deadline:
            pids = [int(pid) for (pid,) in self.database.execute(query)]
            try:
                for pid in pids:
                    _signal(pid, signal.SIGSTOP)
                time.sleep(0.15)
            finally:
                for pid in pids:
                    _signal(pid, signal.SIGCONT)
            self.backends_stopped += len(pids)
            time.sleep(0.05)

    def order_jobs(self, job: str = JOB) -> None:
        """Have `job` done for every organization, unless that waits or runs already.

        The one that is meant, when nothing is said, holds totals against the ledger.
        """
        self.database.execute(
            """
            INSERT INTO treaty.procrastinate_jobs (queue_name, task_name, queueing_lock, args)
            SELECT %(queue)s, %(job)s::text, %(job)s::text || ' ' || id, jsonb_build_object(
                'tenant', id, 'request_id', gen_random_uuid(), 'input', jsonb_build_object('organizationId', id)
            ) FROM billing_organization ON CONFLICT DO NOTHING
            """,
            {"queue": QUEUE, "job": job},
        )

    def forget_workers(self) -> None:
        """Have nobody known to live: what those had who are killed next is taken up by whoever comes then."""
        self.database.execute("UPDATE treaty.procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")

    def forget_that_jobs_were_done(self) -> None:
        """Put jobs back into the queue that were carried out."""
        done = self.database.execute(
            """
            UPDATE treaty.procrastinate_jobs SET status = 'todo', queueing_lock = NULL
            WHERE status = 'succeeded' RETURNING id
            """
        )
        self.jobs_repeated += len(done)


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # the connection was closed meanwhile
        os.kill(pid, number)


def _environment(service: Service, events_url: str) -> dict[str, str]:
    python_path = os.pathsep.join(str(ROOT / part) for part in (".", "generator", "runtime"))
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TREATY_", "DATABASE_", "STRIPE_"))
    }
    return {
        **kept,
        **service.settings,
        "PYTHONPATH": python_path,
        "TREATY_EVENTS_URL": events_url,
        "TREATY_EVENTS_SECRET": EVENTS_SECRET,
        "TREATY_EVENTS_ALLOW_PRIVATE": "true",
    }


def _replica(folder: Path, environment: Mapping[str, str], number: int) -> Process:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    skewed = [sys.executable, "-m", "tests.chaos.replica", str(port), str(SKEW_SECONDS)]
    command = skewed if number % 2 else [_treaty(), "serve", "--port", str(port)]
    return Process(command, environment, folder / f"replica-{number}.log", port)


def _worker(folder: Path, environment: Mapping[str, str], number: int) -> Process:
    return Process([_treaty(), "worker"], environment, folder / f"worker-{number}.log")


def _treaty() -> str:
    return str(Path(sys.executable).with_name("treaty"))
