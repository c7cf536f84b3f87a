"""`treaty serve`, `worker`, `key` and `token`, as an operator types them."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import psycopg
import pytest

from tests.runtime_http import notes
from tests.runtime_http.conftest import Notes, code
from tests.support.project import ROOT, Project

APP = """
from pathlib import Path

from tests.runtime_http import notes
from treaty_runtime.application import build_app

DEFINITION = notes.definition(Path(__file__).parent)
TASKS = ()


def create_app(settings=None, *, clock=None):
    return build_app(DEFINITION, notes.routes(), settings=settings, clock=clock)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose generated application is the notes service."""
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / "__init__.py").touch()
    (tmp_path / "generated" / "app.py").write_text(APP)
    (tmp_path / "pyproject.toml").write_text('[tool.treaty]\ntitle = "Notes"\n')
    environment = {"TREATY_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    return Project(tmp_path, environment=environment)


def environment(service: Notes, **more: str) -> dict[str, str]:
    """The settings of the notes' database, as an operator sets them."""
    urls = service.database.urls
    return {
        "DATABASE_URL": urls.app, "DATABASE_SYSTEM_URL": urls.system, "TREATY_JWT_SECRET": service.settings.jwt_key,
        "STRIPE_API_KEY": "simulator", "STRIPE_WEBHOOK_SECRETS": f"whsec_{service.settings.jwt_key}",
        "TREATY_PORT": "0", **more,
    }  # fmt: skip


class Running:
    """A command that runs until it is told to stop."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []

    def line(self, event: str) -> dict[str, Any]:
        """Read its log up to a line with this name."""
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self.lines.append(json.loads(text))
            if self.lines[-1]["event"] == event:
                return self.lines[-1]
        raise AssertionError(f"it ended without {event}: {self.lines}")

    def stop(self) -> int:
        """End it as an orchestrator does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout is not None
        self.lines += [json.loads(text) for text in self.process.stdout]
        return self.process.wait(60)


@contextmanager
def running(project: Project, settings: dict[str, str], *arguments: str) -> Iterator[Running]:
    """Run `treaty …` while the block runs."""
    treaty = Path(sys.executable).with_name("treaty")
    process = subprocess.Popen(
        [treaty, *arguments], cwd=project.folder, env=project._environment(settings), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    with process:
        try:
            yield Running(process)
        finally:
            process.kill()


def test_serve_answers_and_logs_json(service: Notes, project: Project) -> None:
    with running(project, environment(service), "serve") as served:
        address = served.line("serving")["address"]
        answer = httpx.get(f"{address}/who", headers={"X-Request-Id": "from-outside"})
        assert answer.status_code == 401
        assert "server" not in answer.headers
        line = served.line("request")
        assert (line["request_id"], line["status"], line["level"]) == ("from-outside", 401, "info")
        assert served.stop() == 0
    assert {"timestamp", "logger", "level", "event"} <= set.intersection(*(set(line) for line in served.lines))


def test_a_request_that_runs_is_finished_at_a_stop(service: Notes, project: Project) -> None:
    organization = service.organization()
    key = service.key(organization).text
    with running(project, environment(service), "serve") as served, ThreadPoolExecutor() as threads:
        address = served.line("serving")["address"]
        with psycopg.connect(service.database.superuser) as holding:
            holding.execute("LOCK TABLE notes_note")
            sent = threads.submit(
                httpx.post,
                f"{address}/notes",
                json={"title": "late"},
                headers={"Authorization": f"Bearer {key}"},
                timeout=60,
            )
            until_blocked(service)
            served.process.send_signal(signal.SIGTERM)
            served.line("stopping")
            until_it_answers_no_more(address)
            assert served.process.poll() is None
        assert sent.result().status_code == 201
        assert served.process.wait(60) == 0
    assert service.rows("SELECT title FROM notes_note") == [("late",)]


def until_it_answers_no_more(address: str) -> None:
    """Wait until nothing listens there."""
    with suppress(httpx.TransportError):
        while True:
            httpx.get(f"{address}/health/live")


def until_blocked(service: Notes) -> None:
    """Wait until somebody waits for a lock."""
    deadline = time.monotonic() + 60
    while service.rows("SELECT count(*) FROM pg_locks WHERE NOT granted") == [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_taken_port_is_one_message(service: Notes, project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = project.run("treaty", "serve", "--port", port, **environment(service))
    assert said.returncode == 1
    assert said.stdout == (
        f"Nothing can listen on 127.0.0.1, port {port}: Address already in use. "
        "Stop what uses it, or choose another with --port or TREATY_PORT.\n"
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_that_is_another_machine_s_is_one_message(service: Notes, project: Project, host: str) -> None:
    said = project.run("treaty", "serve", "--host", host, **environment(service))
    assert said.returncode == 1
    assert len(said.stdout.splitlines()) == 1
    assert host in said.stdout


def test_without_its_database_the_service_does_not_start(service: Notes, project: Project) -> None:
    wrong = environment(service, DATABASE_URL="postgresql://treaty_app@127.0.0.1:1/nothing")
    said = project.run("treaty", "serve", **wrong)
    assert said.returncode == 1
    assert "Traceback" not in said.stdout
    assert "DATABASE_URL" in said.stdout


def test_the_worker_delivers_and_stops(service: Notes, project: Project) -> None:
    service.organization(ann="admin")
    service.send("POST", "/notes", service.token("ann"), json={"title": "one"})
    with running(project, environment(service), "worker") as worker:
        assert worker.line("event")["type"] == "note.written"
        worker.line("event")
        assert worker.stop() == 0
    assert worker.lines[-1]["event"] == "worker_stopped"
    assert service.rows("SELECT count(*) FROM treaty.outbox WHERE published_at IS NULL") == [(0,)]


def test_serve_with_worker_does_both(service: Notes, project: Project) -> None:
    key = service.key(service.organization()).text
    with running(project, environment(service), "serve", "--with-worker") as served:
        address = served.line("serving")["address"]
        httpx.post(f"{address}/notes", json={"title": "one"}, headers={"Authorization": f"Bearer {key}"})
        served.line("event")
        assert served.stop() == 0


def test_a_key_is_shown_once_and_can_be_revoked(service: Notes, project: Project) -> None:
    organization = service.organization()
    settings = environment(service)
    create = (
        "treaty",
        "key",
        "create",
        "--tenant",
        str(organization),
        "--name",
        "nightly",
        "--role",
        "a",
        "--role",
        "b",
        "--scope",
        "notes.who",
    )
    key = project.must(*create, **settings).strip()
    assert service.send("GET", "/who/service", key).json()["roles"] == ["a", "b"]
    assert code(service.send("POST", "/notes", key, json={"title": "one"})) == (403, "forbidden")
    (line,) = project.must("treaty", "key", "list", "--tenant", str(organization), **settings).splitlines()
    listed = json.loads(line)
    assert (listed["name"], listed["scopes"], listed["revoked_at"]) == ("nightly", ["notes.who"], None)
    assert listed["last_used_at"] == str(service.clock.now())
    assert key.split("_")[2] not in line
    ((row,),) = service.rows("SELECT api_key::text FROM treaty.api_key")
    assert key.split("_")[2] not in row
    assert project.must("treaty", "key", "revoke", key.split("_")[1], **settings) == "Revoked: nightly\n"
    service.clock.advance(service.clock.now().resolution)
    service.rows(
        "UPDATE treaty.api_key SET revoked_at = %s", service.clock.now()
    )  # the command's clock is the real one
    assert service.send("GET", "/who/service", key).status_code == 401


def test_keys_for_nobody_and_of_nobody(service: Notes, project: Project) -> None:
    tenant = str(uuid4())
    for arguments, said in (
        (("create", "--tenant", tenant, "--name", "x"), f"There is no Organization with the id {tenant}."),
        (("create", "--tenant", tenant, "--name", "x", "--scope", "notes.wri"), "No operation is called notes.wri,"),
        (("revoke", "0123456789ab"), "There is no key with the prefix 0123456789ab."),
    ):
        answer = project.run("treaty", "key", *arguments, **environment(service))
        assert answer.returncode == 1
        assert answer.stdout.startswith(said)
        assert len(answer.stdout.splitlines()) == 1
    assert service.rows("SELECT count(*) FROM treaty.api_key") == [(0,)]


def test_a_token_for_the_machine_of_a_developer(project: Project) -> None:
    tenant = str(uuid4())
    said = project.must("treaty", "token", "--person", "ann", "--tenant", tenant, "--role", "admin", "--hours", "1")
    secret = (project.folder / "data" / "jwt-secret").read_text()
    claims = jwt.decode(said.strip(), secret, algorithms=["HS256"], audience="treaty", issuer="treaty")
    assert (claims["sub"], claims["tenant"], claims["roles"]) == ("ann", tenant, ["admin"])
    assert claims["exp"] - claims["iat"] == 3600


def test_no_tokens_where_people_sign_in_elsewhere(service: Notes, project: Project) -> None:
    said = project.run("treaty", "token", "--person", "ann", **environment(service))
    assert said.returncode == 1
    assert said.stdout.startswith("DATABASE_URL is set")


def test_the_tests_know_all_operations() -> None:
    assert len({operation.key for operation, _ in notes.IMPLEMENTED}) == len(notes.IMPLEMENTED)
