"""What operators ask: metrics and health, guarded at the public address and open at the private one."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from tests.runtime_http.conftest import OPERATOR, Notes, code
from tests.runtime_http.test_commands import environment, project, running
from tests.runtime_http.test_relay import Receiver, relay, store
from tests.support.project import Project
from treaty_runtime.observability.background import ObservedSink
from treaty_runtime.observability.metrics import NO_OPERATION
from treaty_runtime.observability.operator_routes import private_address
from treaty_runtime.serving import finished_within

__all__ = ["project"]

PATHS = ("/metrics", "/health/detailed")
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def ask(service: Notes, path: str, token: str = OPERATOR, **headers: str) -> httpx.Response:
    return service.send("GET", path, headers={"Authorization": f"Bearer {token}", **headers})


def samples(text: str) -> Samples:
    """Every sample of an exposition, by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def until(so: Callable[[], bool]) -> None:
    """Wait until something is so; not for ever."""
    async with asyncio.timeout(60):
        while not so():  # noqa: ASYNC110 - it is seen from outside only
            await asyncio.sleep(0.01)


class Watched:
    """The metrics of a service, as they grow."""

    def __init__(self, service: Notes) -> None:
        self._service = service
        self._before = samples(ask(service, "/metrics").text)

    def grown(self, name: str, **labels: str) -> float:
        """By how much a series grew."""
        key = (name, frozenset(labels.items()))
        return samples(ask(self._service, "/metrics").text).get(key, 0) - self._before.get(key, 0)


@pytest.mark.parametrize("path", PATHS)
def test_strangers_learn_nothing(service: Notes, path: str) -> None:
    assert code(service.send("GET", path)) == (401, "unauthenticated")
    for token in ("wrong", OPERATOR[:-1], OPERATOR.upper(), service.key(service.organization()).text):
        assert code(ask(service, path, token)) == (401, "unauthenticated")
    assert ask(service, path).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_there_is_nothing_at_the_public_address(
    service: Notes, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = service.replicas[0].service
    unset = replace(own, settings=own.settings.model_copy(update={"operator_token": None}))
    monkeypatch.setattr(service.replicas[0].app.state, "service", unset)
    for token in (OPERATOR, "None"):
        assert code(ask(service, path, token)) == (404, "not_found")


def test_requests_are_counted_by_operation_status_and_code(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    watched = Watched(service)
    for title in ("one", "one", ""):
        service.send("POST", "/notes", token, json={"title": title})
    service.send("POST", "/notes", json={})
    service.send("GET", f"/notes/{uuid4()}", token)
    service.send("POST", "/break", token, json={"how": "exception"})
    counted = (
        ("notes.write", "201", ""),
        ("notes.write", "409", "title_taken"),
        ("notes.write", "422", "invalid"),
        ("notes.write", "401", "unauthenticated"),
        ("notes.read", "404", "not_found"),
        ("notes.break", "500", "internal"),
    )
    for operation, status, problem in counted:
        assert watched.grown("treaty_requests_total", operation=operation, status=status, code=problem) == 1, operation
    for outcome, number in {"success": 1, "refused": 3}.items():
        labels = {"operation": "notes.write", "outcome": outcome}
        assert watched.grown("treaty_request_duration_seconds_count", **labels) == number
        assert watched.grown("treaty_request_duration_seconds_bucket", **labels, le="+Inf") == number
        assert watched.grown("treaty_request_duration_seconds_sum", **labels) > 0


def test_a_429_counts_as_429(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    watched = Watched(service)
    for _ in range(5):
        service.send("POST", "/limited/user", token)
    labels = {"operation": "notes.limited.user"}
    assert watched.grown("treaty_requests_total", **labels, status="200", code="") == 3
    assert watched.grown("treaty_requests_total", **labels, status="429", code="rate_limited") == 2


def test_failures_begin_at_zero_so_that_the_first_is_an_increase(service: Notes) -> None:
    told = samples(ask(service, "/metrics").text)
    labels = frozenset({("operation", "notes.who.anybody"), ("status", "500"), ("code", "internal")})
    assert told["treaty_requests_total", labels] == 0


def test_replays_are_counted(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    watched = Watched(service)
    for _ in range(3):
        service.send("POST", "/notes", token, json={"title": "one", "requestKey": "k"})
    assert watched.grown("treaty_idempotent_replays_total", operation="notes.write") == 2


def test_labels_never_hold_what_a_caller_wrote(service: Notes) -> None:
    """However many paths, methods, keys and tenants there are, there are no more series."""
    organization = service.organization(ann="admin")
    token = service.token("ann")

    def provoke(turn: int) -> None:
        for method, path in (("GET", f"/nothing-{turn}"), ("DELETE", f"/notes/{uuid4()}"), ("PUT", f"/echo/{turn}")):
            service.send(method, path, token, params={"a": str(turn)}, headers={"X-Request-Id": f"r{turn}"})
        service.send("POST", "/notes", token, json={"title": f"t{turn}", "requestKey": f"k{turn}"})

    provoke(0)
    before = samples(ask(service, "/metrics").text)
    for turn in range(1, 5):
        provoke(turn)
    told = ask(service, "/metrics").text
    assert samples(told).keys() == before.keys()
    assert str(organization) not in told
    unknown = frozenset({("operation", NO_OPERATION), ("status", "404"), ("code", "not_found")})
    assert samples(told)["treaty_requests_total", unknown] > before["treaty_requests_total", unknown]


def test_what_is_in_flight_is_seen_and_so_are_the_pools(service: Notes) -> None:
    key = service.key(service.organization()).text
    locked = service.run(_while_locked(service, key))
    assert locked["treaty_requests_in_flight", frozenset({("operation", "notes.write")})] == 1
    assert locked["treaty_database_pool_checked_out", frozenset({("role", "app")})] == 1
    assert locked["treaty_database_pool_size", frozenset({("role", "app")})] == service.settings.database_pool_size
    after = samples(ask(service, "/metrics").text)
    assert after["treaty_requests_in_flight", frozenset({("operation", "notes.write")})] == 0
    assert after["treaty_database_pool_checked_out", frozenset({("role", "app")})] == 0


async def _while_locked(service: Notes, key: str) -> Samples:
    """What the metrics say while a request waits for a table."""
    async with await psycopg.AsyncConnection.connect(service.database.superuser) as holding:
        await holding.execute("LOCK TABLE notes_note")
        async with service.client(key) as client:
            sent = asyncio.create_task(client.post("/notes", json={"title": "late"}))
            await until(lambda: service.rows("SELECT count(*) FROM pg_locks WHERE NOT granted") != [(0,)])
            seen = samples((await client.get("/metrics", headers={"Authorization": f"Bearer {OPERATOR}"})).text)
            await holding.rollback()
            assert (await sent).status_code == 201
    return seen


def test_an_exhausted_pool_is_seen_from_beside_it(service: Notes) -> None:
    """Probes and scrapes have connections of their own."""
    own = service.replicas[0].service
    operator = {"Authorization": f"Bearer {OPERATOR}"}

    async def exhausted() -> tuple[Samples, dict[str, Any], int]:
        async with service.client() as client, asyncio.TaskGroup() as tasks:
            release, pool = asyncio.Event(), own.database.pools["system"]

            async def hold() -> None:
                async with own.database.system():
                    await release.wait()

            for _ in range(pool.size() + 3):
                tasks.create_task(hold())
            await until(lambda: pool.checkedout() == pool.size() and pool.waiting == 3)
            answers = [await client.get(path, headers=operator) for path in (*PATHS, "/health/ready")]
            release.set()
            return samples(answers[0].text), answers[1].json(), answers[2].status_code

    told, detailed, ready = service.run(exhausted())
    size = service.settings.database_pool_size
    assert told["treaty_database_pool_waiting", frozenset({("role", "system")})] == 3
    assert told["treaty_database_up", frozenset()] == 1
    assert detailed["pools"]["system"] == {"size": size, "checked_out": size, "waiting": 3}
    assert (detailed["status"], ready) == ("ok", 200)


def test_the_outbox_s_lag_is_measured(service: Notes) -> None:
    store(service, uuid4(), "1", "2", "3")
    service.clock.advance(dt.timedelta(seconds=90))
    told = samples(ask(service, "/metrics").text)
    assert told["treaty_queue_waiting", frozenset({("queue", "outbox")})] == 3
    assert told["treaty_queue_oldest_seconds", frozenset({("queue", "outbox")})] == 90
    assert ask(service, "/health/detailed").json()["queues"]["outbox"] == {"waiting": 3, "oldest_seconds": 90}
    service.run(relay(service, Receiver()).drain())
    told = samples(ask(service, "/metrics").text)
    assert told["treaty_queue_waiting", frozenset({("queue", "outbox")})] == 0
    assert told["treaty_queue_oldest_seconds", frozenset({("queue", "outbox")})] == 0


def test_deliveries_are_counted(service: Notes) -> None:
    store(service, uuid4(), "1", "bad")
    receiver = Receiver(refuses={"bad"})
    watched = Watched(service)
    service.run(relay(service, ObservedSink(receiver, service.replicas[0].service.metrics)).drain())
    for outcome in ("delivered", "failed"):
        assert watched.grown("treaty_event_deliveries_total", type="note.written", outcome=outcome) == 1


def test_without_the_database_the_process_still_tells(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable:
        async def __aenter__(self) -> None:
            raise ConnectionError("the password is swordfish")

        async def __aexit__(self, *_: object) -> None: ...

    monkeypatch.setattr(type(service.replicas[0].service.database), "watching", lambda self: Unreachable())
    told = samples(ask(service, "/metrics").text)
    assert told["treaty_database_up", frozenset()] == 0
    assert not any(name.startswith("treaty_queue") for name, _ in told), "absent, not zero"
    answer = ask(service, "/health/detailed")
    assert answer.status_code == 503
    assert answer.json() | {"pools": {}} == {
        "status": "failing", "version": "1.0.0", "database": "unreachable", "migrations": None, "queues": None,
        "workers": None, "pools": {},
    }  # fmt: skip
    assert "swordfish" not in answer.text


def test_details_hold_neither_addresses_nor_credentials(service: Notes) -> None:
    told = ask(service, "/health/detailed")
    assert told.json()["status"] == "ok"
    assert told.json()["migrations"] == "applied"
    for url in (service.database.urls.app, service.database.urls.system):
        for part in filter(None, re.split(r"[:/@?&=]+", url)[1:]):
            if part not in {"app", "port", "system"}:  # which are parts of what it says by right
                assert part not in told.text
    assert service.settings.jwt_key not in told.text


def test_missing_migrations_are_said(service: Notes) -> None:
    service.rows("ALTER TABLE notes_note RENAME COLUMN written_at TO later")
    try:
        answer = ask(service, "/health/detailed")
    finally:
        service.rows("ALTER TABLE notes_note RENAME COLUMN later TO written_at")
    assert (answer.status_code, answer.json()["migrations"], answer.json()["status"]) == (503, "missing", "failing")


def test_openmetrics_is_there_for_whoever_asks(service: Notes) -> None:
    answer = ask(service, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = openmetrics(answer.text)  # type: ignore[no-untyped-call]  # the library has no types there
    assert "treaty_requests" in {family.name for family in families}


def test_the_private_address_asks_for_nothing_and_is_not_counted(service: Notes) -> None:
    own = service.replicas[0].service
    opened = replace(own, settings=own.settings.model_copy(update={"operator_port": 0}))

    async def asked() -> list[httpx.Response]:
        async with private_address(opened), httpx.AsyncClient(trust_env=False) as client:
            address = service.logged("operators_address")[-1]["operators_at"]
            paths = ("/health/live", "/health/ready", *PATHS, "/notes", "/docs")
            return [await client.get(f"{address}{path}") for path in paths]

    watched = Watched(service)
    answers = service.run(asked())
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 404, 404]
    assert watched.grown("treaty_requests_total", operation=NO_OPERATION, status="404", code="not_found") == 0


def test_a_process_that_is_about_to_stop_is_not_ready_but_answers(service: Notes, project: Project) -> None:
    """A worker runs beside it and is seen; both can be asked at their private addresses."""
    settings = environment(
        service, TREATY_SHUTDOWN_DELAY="600", TREATY_OPERATOR_PORT="0", TREATY_OPERATOR_TOKEN=OPERATOR
    )
    key = service.key(service.organization()).text
    with running(project, settings, "worker") as worker:
        beside = worker.line("operators_address")["operators_at"]
        worker.line("worker_started")
        with running(project, settings, "serve") as served:
            address = served.line("serving")["address"]
            assert httpx.get(f"{address}/health/ready").status_code == 200
            asyncio.run(until(lambda: ask_process(beside)["workers"] == 1))
            served.process.send_signal(signal.SIGTERM)
            served.line("stopping")
            asyncio.run(until(lambda: httpx.get(f"{address}/health/ready").status_code == 503))
            assert ask_process(address)["status"] == "stopping"
            assert httpx.get(f"{address}/health/live").status_code == 200
            assert httpx.get(f"{address}/who", headers={"Authorization": f"Bearer {key}"}).status_code == 200
            served.process.send_signal(signal.SIGTERM)  # the second one ends it at once
            assert served.process.wait(60) == -signal.SIGTERM
        assert worker.stop() == 0


def ask_process(address: str) -> dict[str, Any]:
    answer = httpx.get(f"{address}/health/detailed", headers={"Authorization": f"Bearer {OPERATOR}"})
    told: dict[str, Any] = answer.json()
    return told


def test_what_does_not_end_in_time_is_given_up(service: Notes) -> None:
    ended: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cleanly")

    async def given_up() -> None:
        await finished_within(0.01, asyncio.create_task(endless()))

    service.run(given_up())
    assert ended == ["cleanly"]
    assert service.logged("not_finished_in_time")
