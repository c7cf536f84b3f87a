"""What a crash leaves: before the commit nothing, after it the answer; and the same request again runs once in all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.runtime_http import notes
from tests.runtime_http.conftest import Notes, Replica
from tests.runtime_http.test_idempotency import counts
from treaty_runtime.acceptance.server import Server
from treaty_runtime.application import build_app
from treaty_runtime.pruning import prune

BODY = {"title": "one", "requestKey": "k"}
# Among the last statements, after the work: there the request waits for a lock, and there the crash happens.
WAITING = """
    CREATE FUNCTION treaty.wait() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_user = 'treaty_app' THEN PERFORM pg_advisory_xact_lock(4711); END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER wait AFTER INSERT ON treaty.audit FOR EACH STATEMENT EXECUTE FUNCTION treaty.wait();
"""
WAITS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def held(service: Notes) -> Iterator[psycopg.Connection[object]]:
    """Audit records, the last that a request writes before its commit, wait until this connection commits."""
    service.rows(WAITING)
    with psycopg.connect(service.database.superuser) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(4711)")
        yield connection
    service.rows("DROP FUNCTION treaty.wait CASCADE")


@pytest.fixture
def third(service: Notes, tmp_path: Path) -> Replica:
    """A replica that ends during the test."""
    app = build_app(notes.definition(tmp_path), notes.routes(), settings=service.settings, clock=service.clock)
    replica = Replica(app, Server(app))
    assert service.run(replica.server.start())
    return replica


def test_a_connection_that_dies_before_the_commit(service: Notes, held: psycopg.Connection[object]) -> None:
    service.organization(ann="admin")
    token = service.token("ann")

    async def cut_off() -> list[httpx.Response]:
        async with service.client(token) as first, service.client(token, replica=1) as second:
            broken = asyncio.create_task(first.post("/notes", json=BODY))
            (pid,) = await waiting(service)
            waits = asyncio.create_task(second.post("/notes", json=BODY))
            service.rows("SELECT pg_terminate_backend(%s)", pid)
            await asyncio.wait({broken})
            held.commit()
            return [await broken, await waits, await first.post("/notes", json=BODY)]

    broken, waited, again = service.run(cut_off())
    assert (broken.status_code, waited.status_code, again.status_code) == (503, 201, 201)
    assert waited.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert counts(service) == (1, 2, 1)


def test_a_process_that_dies_before_the_commit(
    service: Notes, held: psycopg.Connection[object], third: Replica
) -> None:
    """Its sockets close, to the client and to the database, as the system closes them when a process is killed."""
    service.organization(ann="admin")
    token = service.token("ann")

    async def killed() -> httpx.Response:
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, trust_env=False) as client:
            lost = asyncio.create_task(client.post(f"{third.server.address}/notes", json=BODY))
            (pid,) = await waiting(service)
            lost.cancel()
            with suppress(asyncio.CancelledError):
                await lost
            service.rows("SELECT pg_terminate_backend(%s)", pid)
            await third.server.stop()
        held.commit()
        async with service.client(token) as client:
            return await client.post("/notes", json=BODY)

    answer = service.run(killed())
    assert answer.status_code == 201
    assert "idempotency-replayed" not in answer.headers, "nothing was left of it"
    assert counts(service) == (1, 2, 1)


def test_an_answer_that_never_arrived_is_given_again(service: Notes, held: psycopg.Connection[object]) -> None:
    service.organization(ann="admin")
    token = service.token("ann")

    async def lost() -> httpx.Response:
        async with service.client(token) as client:
            gone = asyncio.create_task(client.post("/notes", json=BODY))
            await waiting(service)
            gone.cancel()  # the client hangs up; the work is done, and will be committed
            with suppress(asyncio.CancelledError):
                await gone
        held.commit()
        while not service.rows("SELECT 1 FROM treaty.idempotency WHERE body IS NOT NULL"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        async with service.client(token, replica=1) as client:
            return await client.post("/notes", json=BODY)

    answer = service.run(lost())
    ((kept,),) = service.rows("SELECT body FROM treaty.idempotency")
    assert answer.status_code == 201
    assert answer.headers["idempotency-replayed"] == "true"
    assert answer.content == bytes(kept)
    assert counts(service) == (1, 2, 1)


def test_answers_are_forgotten_after_their_time(service: Notes) -> None:
    service.organization(ann="admin")
    service.send("POST", "/notes", service.token("ann"), json=BODY)
    replica = service.replicas[0].service
    service.clock.advance(notes.WRITE.idempotency.keep - service.clock.now().resolution)  # type: ignore[union-attr]
    service.run(prune(replica.database, service.clock))
    assert counts(service) == (1, 2, 1)
    service.clock.advance(service.clock.now().resolution)
    service.run(prune(replica.database, service.clock))
    assert counts(service) == (1, 2, 0)


async def waiting(service: Notes) -> tuple[int]:
    """The one backend that waits for the lock; nothing of its transaction can be seen."""
    while not (found := service.rows(WAITS)):  # noqa: ASYNC110 - the database has no event for it
        await asyncio.sleep(0.01)
    assert counts(service) == (0, 0, 0)
    ((pid,),) = found
    return (pid,)
