"""Events on their way out: at least once, in order for each tenant, over several relays, until they are taken."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hmac
import ipaddress
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import typer
from litestar import Litestar, Request, Response, post
from pydantic import SecretStr
from typer.testing import CliRunner

from tests.runtime_http.conftest import NOON, Notes
from treaty_runtime import commands, public_addresses
from treaty_runtime.database import Database
from treaty_runtime.pruning import prune
from treaty_runtime.relay import Relay
from treaty_runtime.service import open_service
from treaty_runtime.serving import address_of, listen, serving
from treaty_runtime.settings import Settings
from treaty_runtime.sinks import HttpSink, LogSink, OutgoingEvent, open_sink
from treaty_runtime.worker import working


@dataclass
class Receiver:
    """A sink that remembers what it took, and takes nothing that `refuses` names."""

    taken: list[OutgoingEvent] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    tried: int = 0

    async def deliver(self, event: OutgoingEvent) -> None:
        self.tried += 1
        if event.payload["title"] in self.refuses:
            raise ConnectionError(f"{event.payload['title']} is not wanted")
        await asyncio.sleep(0)
        self.taken.append(event)

    @property
    def titles(self) -> list[str]:
        return [event.payload["title"] for event in self.taken]


def relay(service: Notes, sink: Any, replica: int = 0) -> Relay:
    own = service.replicas[replica].service
    return Relay(own.database, own.clock, sink)


def store(service: Notes, tenant: UUID | None, *titles: str) -> None:
    """Put events into the outbox, as the pipeline does."""
    for title in titles:
        service.rows(
            "INSERT INTO treaty.outbox (event_id, tenant, type, key, version, payload, occurred_at, request_id)"
            " VALUES (%s, %s, 'note.written', 'notes.note.written', '1.0.0', jsonb_build_object('title', %s::text),"
            " %s, 'r')",
            uuid4(), tenant, title, NOON,
        )  # fmt: skip


def test_an_answered_request_s_events_are_delivered_once(service: Notes) -> None:
    organization = service.organization(ann="admin")
    service.send("POST", "/notes", service.token("ann"), json={"title": "one"})
    service.send("POST", "/notes", service.token("ann"), json={"title": "refuse after writing"})
    receiver = Receiver()
    assert service.run(relay(service, receiver).drain()) == 2
    assert service.run(relay(service, receiver).drain()) == 0
    assert [(event.payload, event.tenant, event.type) for event in receiver.taken] == [
        ({"title": "one", "number": number}, organization, "note.written") for number in (1, 2)
    ]
    assert service.rows("SELECT published_at, attempts, last_error FROM treaty.outbox") == [(NOON, 1, None)] * 2


def test_many_events_of_many_tenants_come_in_order_over_several_relays(service: Notes) -> None:
    tenants = [uuid4() for _ in range(5)]
    for number in range(50):
        for tenant in (*tenants, None):
            store(service, tenant, f"{number:02}")
    receiver = Receiver()

    async def together() -> list[int]:
        return await asyncio.gather(*(relay(service, receiver, turn % 2).drain() for turn in range(4)))

    assert sum(service.run(together())) == 300
    assert len({event.id for event in receiver.taken}) == len(receiver.taken) == 300
    for tenant in (*tenants, None):
        titles = [event.payload["title"] for event in receiver.taken if event.tenant == tenant]
        assert titles == sorted(titles)


def test_an_event_that_is_not_taken_holds_up_its_tenant_only(service: Notes) -> None:
    first, second = uuid4(), uuid4()
    store(service, first, "1", "bad", "3")
    store(service, second, "4", "5")
    receiver = Receiver(refuses={"bad"})
    assert service.run(relay(service, receiver).drain()) == 3
    assert receiver.titles == ["1", "4", "5"]
    assert service.rows(
        "SELECT attempts, next_attempt_at, last_error FROM treaty.outbox WHERE payload->>'title' = 'bad'"
    ) == [(1, NOON + dt.timedelta(seconds=2), "ConnectionError: bad is not wanted")]
    assert [line["attempts"] for line in service.logged("event_not_taken")] == [1]
    receiver.refuses.clear()
    assert service.run(relay(service, receiver).drain()) == 0
    service.clock.advance(dt.timedelta(seconds=2))
    assert service.run(relay(service, receiver).drain()) == 2
    assert receiver.titles[-2:] == ["bad", "3"]
    assert service.rows("SELECT attempts, last_error FROM treaty.outbox WHERE payload->>'title' = 'bad'") == [(2, None)]


def test_pauses_grow_longer_up_to_a_limit(service: Notes) -> None:
    store(service, None, "bad")
    receiver = Receiver(refuses={"bad"})
    pauses = []
    for _ in range(12):
        before = service.clock.now()
        service.run(relay(service, receiver).drain())
        ((due,),) = service.rows("SELECT next_attempt_at FROM treaty.outbox")
        pauses.append((due - before).total_seconds())
        service.clock.set(due)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]
    assert receiver.tried == 12


def test_a_relay_that_dies_lets_go_and_the_event_comes_again(service: Notes) -> None:
    store(service, uuid4(), "1", "2")
    reached = asyncio.Event()

    class Hanging(Receiver):
        async def deliver(self, event: OutgoingEvent) -> None:
            await super().deliver(event)
            reached.set()
            await asyncio.Event().wait()

    async def killed() -> Receiver:
        hanging, waiting = Hanging(), Receiver()
        task = asyncio.create_task(relay(service, hanging).drain())
        await reached.wait()
        assert await relay(service, waiting, 1).drain() == 0, "another relay has the tenant"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert hanging.titles == ["1"]
        assert await relay(service, waiting, 1).drain() == 2
        return waiting

    assert service.run(killed()).titles == ["1", "2"]


def test_a_slow_receiver_is_waited_for(service: Notes) -> None:
    """The database ends transactions that do nothing for a while; the relay's is not among them."""
    store(service, uuid4(), "1")

    class Slow(Receiver):
        async def deliver(self, event: OutgoingEvent) -> None:
            await asyncio.sleep(0.5)
            await super().deliver(event)

    async def delivered() -> int:
        database = await Database.open(service.settings.model_copy(update={"statement_timeout": 0.1}))
        try:
            return await Relay(database, service.clock, Slow()).drain()
        finally:
            await database.close()

    assert service.run(delivered()) == 1
    assert service.rows("SELECT published_at FROM treaty.outbox") == [(NOON,)]


async def until(condition: Any) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.01)


def test_the_worker_is_woken_by_a_new_event(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before it would look by itself."""
    monkeypatch.setattr("treaty_runtime.relay.POLL_SECONDS", 3600.0)
    organization = service.organization(ann="admin")

    async def worked() -> None:
        async with working(service.replicas[0].service, ()), service.client(service.token("ann")) as client:
            await until(lambda: service.logged("pruned"))
            for number in range(3):
                await client.post("/notes", json={"title": f"note {number}"})
                await until(lambda expected=2 * number + 2: len(service.logged("event")) == expected)

    service.run(worked())
    assert {line["tenant"] for line in service.logged("event")} == {str(organization)}
    assert not any("payload" in line or "title" in line for line in service.logged("event"))
    assert service.logged("worker_stopped")


def test_without_notifications_the_worker_polls(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treaty_runtime.relay.POLL_SECONDS", 0.05)

    async def worked() -> None:
        async with working(service.replicas[0].service, ()):
            await until(lambda: service.logged("pruned"))
            service.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'treaty_system'")
            service.rows("SET session_replication_role = replica; " + _INSERT_UNTOLD)
            await until(lambda: service.logged("event"))

    service.run(worked())
    assert service.rows("SELECT count(*) FROM treaty.outbox WHERE published_at IS NULL") == [(0,)]


_INSERT_UNTOLD = """
    INSERT INTO treaty.outbox (event_id, type, key, version, payload, occurred_at, request_id)
    VALUES (gen_random_uuid(), 't', 'k', '1.0.0', '{"title": "untold"}', now(), 'r')
"""


@asynccontextmanager
async def receiving(statuses: list[int]) -> AsyncIterator[tuple[str, list[Request[Any, Any, Any]]]]:
    """A real receiver over HTTP, which answers with these statuses, one after the other."""
    requests: list[Any] = []

    @post("/in")
    async def take(request: Request[Any, Any, Any]) -> Response[None]:
        requests.append((dict(request.headers), await request.json()))
        return Response(None, status_code=statuses.pop(0), headers={"Location": "/elsewhere"})

    app = Litestar([take], openapi_config=None, logging_config=None)
    listener = listen("127.0.0.1", 0)
    async with app.lifespan(), serving(app, listener):
        yield f"{address_of(listener)}/in", requests


def sending(service: Notes, url: str, *, private: bool = True) -> Settings:
    """Settings to post events with; the first secret is a text, the second is base64."""
    secret = SecretStr(f"{'0' * 32} whsec_{base64.b64encode(b'k' * 32).decode()}")
    return service.settings.model_copy(
        update={"events_url": url, "events_secret": secret, "events_allow_private": private}
    )


def test_events_are_posted_as_cloud_events(service: Notes) -> None:
    organization = service.organization(ann="admin")
    answer = service.send("POST", "/notes", service.token("ann"), json={"title": "one"})
    store(service, None, "shared")

    async def posted() -> list[Any]:
        async with (
            receiving([202, 200, 204]) as (url, requests),
            open_sink(sending(service, url), "Billing & more", service.clock) as sink,
        ):
            assert await relay(service, sink).drain() == 3
        return requests

    (headers, event), _, (_, shared) = service.run(posted())
    ((identifier,), *_) = service.rows("SELECT event_id::text FROM treaty.outbox ORDER BY id")
    assert headers["content-type"] == "application/cloudevents+json"
    assert event == {
        "specversion": "1.0", "id": identifier, "source": "urn:treaty:billing-more", "type": "note.written",
        "time": "2026-11-20T12:00:00Z", "datacontenttype": "application/json", "contract": "notes.note.written",
        "contractversion": "1.0.0", "requestid": answer.headers["x-request-id"], "tenant": str(organization),
        "data": {"title": "one", "number": 1},
    }  # fmt: skip
    assert "tenant" not in shared
    content = f"{identifier}.{int(NOON.timestamp())}.{json.dumps(event, separators=(',', ':'))}".encode()
    marks = [base64.b64encode(hmac.digest(key, content, "sha256")).decode() for key in (b"0" * 32, b"k" * 32)]
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (identifier, str(int(NOON.timestamp())))
    assert headers["webhook-signature"].split() == [f"v1,{mark}" for mark in marks]


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
def test_only_success_takes_an_event(service: Notes, status: int) -> None:
    store(service, None, "1")

    async def posted() -> int:
        async with receiving([status]) as (url, _), httpx.AsyncClient() as client:
            return await relay(service, HttpSink(client, url, "urn:treaty:test", service.clock)).drain()

    assert service.run(posted()) == 0
    assert service.rows("SELECT last_error FROM treaty.outbox") == [(f"HTTPStatusError: answered {status}",)]


def test_a_receiver_that_is_not_there(service: Notes) -> None:
    store(service, None, "1")

    async def posted() -> int:
        async with httpx.AsyncClient() as client:
            return await relay(
                service, HttpSink(client, "http://127.0.0.1:1/in", "urn:treaty:test", service.clock)
            ).drain()

    assert service.run(posted()) == 0
    assert service.rows("SELECT attempts, last_error IS NOT NULL FROM treaty.outbox") == [(1, True)]


def test_an_address_that_is_not_public_is_refused(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the name leads to: it is looked up once, and what was checked is what is connected to."""
    looked_up: list[str] = []

    async def posted(host: str) -> tuple[int, list[Any]]:
        loop = asyncio.get_running_loop()

        async def look_up(name: str, port: int, **_: Any) -> list[Any]:
            looked_up.append(name)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(loop, "getaddrinfo", look_up)
        async with receiving([202]) as (url, requests):
            own = sending(service, url.replace("127.0.0.1", host), private=False)
            async with open_sink(own, "Billing", service.clock) as sink:
                return await relay(service, sink).drain(), requests

    store(service, None, "1")
    assert service.run(posted("receiver.example")) == (0, [])
    ((error,),) = service.rows("SELECT last_error FROM treaty.outbox")
    assert "receiver.example leads to 127.0.0.1, which is not public" in error
    monkeypatch.setattr(public_addresses, "is_public", lambda _: True)
    service.clock.advance(dt.timedelta(seconds=2))
    looked_up.clear()
    delivered, ((headers, _),) = service.run(posted("receiver.example"))
    assert (delivered, looked_up) == (1, ["receiver.example"])
    assert headers["host"].startswith("receiver.example:")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True), ("64:ff9b::5db8:d70e", True),
        ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("255.255.255.255", False), ("::1", False), ("::", False), ("fe80::1", False), ("fd00::1", False),
        ("ff02::1", False), ("::ffff:127.0.0.1", False), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False),
    ],
)  # fmt: skip
def test_addresses_of_the_public_internet(address: str, public: bool) -> None:
    assert public_addresses.is_public(ipaddress.ip_address(address)) == public


def test_an_event_that_nobody_takes_is_given_up_and_can_be_sent_again(
    service: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, receiver = service.replicas[0].service, Receiver(refuses={"1", "2"})
    monkeypatch.setattr(
        commands.opening, "opened_service", lambda: open_service(own.definition, service.settings, service.clock)
    )
    app = typer.Typer()
    commands.register(app)

    def treaty(*arguments: str) -> tuple[int, list[str]]:
        result = CliRunner().invoke(app, ["events", *arguments])
        return result.exit_code, result.output.splitlines()

    def drain() -> int:
        service.clock.advance(dt.timedelta(hours=1))
        return service.run(Relay(own.database, own.clock, receiver, attempts=2).drain())

    store(service, None, "1", "2", "3")
    assert [drain() for _ in range(3)] == [0, 1, 2]  # each has two attempts, and what comes after them its turn
    assert receiver.titles == ["3"]
    assert len(service.logged("event_given_up")) == 2
    code, lines = treaty("list", "--given-up")
    assert (code, len(lines)) == (0, 2)
    assert all("given up" in line and "is not wanted" in line and "title" not in line for line in lines)
    first, second = (line.split()[0] for line in lines)
    assert drain() == 0
    receiver.refuses.clear()
    assert treaty("replay", first)[0] == 0
    assert (drain(), receiver.titles) == (1, ["3", "1"])
    assert treaty("replay", first)[0] == 1
    assert treaty("replay", "--all") == (0, ["Sent again: 1"])
    assert (drain(), receiver.titles) == (1, ["3", "1", "2"])
    assert treaty("discard", second)[0] == 1
    assert treaty("list") == (0, [])


def test_pruning_forgets_what_has_expired_and_nothing_else(service: Notes) -> None:
    organization = service.organization(ann="admin")
    token = service.token("ann")
    service.send("POST", "/notes", token, json={"title": "old", "requestKey": "old"})
    service.send("POST", "/limited/user", token)
    service.send("GET", "/who", "guess")
    assert service.run(relay(service, LogSink()).drain()) == 2
    own = service.replicas[0].service
    assert service.run(prune(own.database, own.clock)) == 0
    service.clock.advance(dt.timedelta(hours=24))
    service.send("POST", "/notes", service.token("ann"), json={"title": "new", "requestKey": "new"})
    service.send("POST", "/limited/key", service.token("ann"))
    assert service.run(prune(own.database, own.clock)) == 3
    assert service.rows("SELECT key FROM treaty.idempotency") == [("new",)]
    assert service.rows("SELECT bucket FROM treaty.rate_limit") == [("notes.limited.key@1:person:ann",)]
    assert service.rows("SELECT count(*) FROM treaty.failed_attempt") == [(0,)]
    service.clock.advance(dt.timedelta(days=6))
    service.run(prune(own.database, own.clock))
    assert service.rows("SELECT published_at IS NULL, tenant FROM treaty.outbox") == [(True, organization)] * 2
