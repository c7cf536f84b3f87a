"""One key, one effect: replays, conflicts, simultaneous requests and what happens after the answer is kept no more."""

from __future__ import annotations

import asyncio
import datetime as dt
from random import Random
from typing import Any

import httpx

from tests.runtime_http.conftest import Notes, code


def write(service: Notes, token: str, **body: Any) -> httpx.Response:
    return service.send("POST", "/notes", token, json=body)


def counts(service: Notes) -> tuple[int, int, int]:
    """Notes, events and stored answers."""
    tables = ("notes_note", "treaty.outbox", "treaty.idempotency")
    notes, events, answers = (service.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables)
    return notes, events, answers


def test_the_same_request_again_gets_the_stored_bytes(service: Notes) -> None:
    organization = service.organization(ann="admin")
    token = service.token("ann")
    first = write(service, token, title="one", requestKey="k")
    again = write(service, token, requestKey="k", title="one")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"] == "application/json"
    assert counts(service) == (1, 2, 1)
    assert service.rows("SELECT tenant, operation, key, status FROM treaty.idempotency") == [
        (organization, "notes.write@1", "k", 201)
    ]


def test_another_request_with_the_key_is_a_conflict(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    write(service, token, title="one", requestKey="k")
    for body in ({"title": "two"}, {"title": "one", "secret": "more"}):
        assert code(write(service, token, requestKey="k", **body)) == (409, "idempotency_conflict")
    assert counts(service) == (1, 2, 1)


def test_without_a_key_every_request_counts(service: Notes) -> None:
    service.organization(ann="admin")
    for title in ("one", "two"):
        assert write(service, service.token("ann"), title=title).status_code == 201
    assert counts(service) == (2, 4, 0)


def test_keys_of_different_tenants_are_different(service: Notes) -> None:
    for person in ("ann", "bob"):
        service.organization(**{person: "admin"})
        answer = write(service, service.token(person), title=person, requestKey="k")
        assert (answer.status_code, answer.json()["title"]) == (201, person)
    assert counts(service) == (2, 4, 2)


def test_requests_at_once_on_two_replicas_run_once(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")

    async def together() -> list[httpx.Response]:
        async with service.client(token) as first, service.client(token, replica=1) as second:
            body = {"title": "one", "requestKey": "k"}
            return await asyncio.gather(*(client.post("/notes", json=body) for client in (first, second) * 8))

    for _ in range(5):
        service.rows("DELETE FROM notes_note")
        service.rows("DELETE FROM treaty.outbox")
        service.rows("DELETE FROM treaty.idempotency")
        answers = service.run(together())
        assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
        assert sum("idempotency-replayed" in answer.headers for answer in answers) == 15
        assert counts(service) == (1, 2, 1)


def test_different_requests_at_once_with_one_key_run_once(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")

    async def together() -> list[int]:
        async with service.client(token) as first, service.client(token, replica=1) as second:
            sent = [
                client.post("/notes", json={"title": title, "requestKey": "k"})
                for title in ("one", "two")
                for client in (first, second) * 4
            ]
            return [answer.status_code for answer in await asyncio.gather(*sent)]

    assert sorted(service.run(together())) == [201] * 8 + [409] * 8
    assert counts(service) == (1, 2, 1)


def test_a_refusal_is_not_stored(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    write(service, token, title="taken")
    assert code(write(service, token, title="taken", requestKey="k")) == (409, "title_taken")
    service.rows("DELETE FROM notes_note")
    assert write(service, token, title="taken", requestKey="k").status_code == 201


def test_when_the_first_is_refused_the_next_one_runs(service: Notes) -> None:
    """Those that waited for the first are carried out themselves."""
    service.organization(ann="admin")
    token = service.token("ann")

    async def together() -> list[int]:
        async with service.client(token) as first, service.client(token, replica=1) as second:
            body = {"title": "refuse after writing", "requestKey": "k"}
            sent = (client.post("/notes", json=body) for client in (first, second) * 3)
            return [answer.status_code for answer in await asyncio.gather(*sent)]

    assert service.run(together()) == [409] * 6
    assert counts(service) == (0, 0, 0)


def test_after_its_time_a_key_is_new(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    assert write(service, token, title="one", requestKey="k").status_code == 201
    service.clock.advance(dt.timedelta(hours=24) - dt.timedelta(seconds=1))
    token = service.token("ann")
    assert "idempotency-replayed" in write(service, token, title="one", requestKey="k").headers
    service.clock.advance(dt.timedelta(seconds=1))
    other = write(service, token, title="two", requestKey="k")
    assert other.status_code == 201
    assert "idempotency-replayed" not in other.headers
    assert "idempotency-replayed" in write(service, token, title="two", requestKey="k").headers
    assert counts(service) == (2, 4, 1)


def test_what_is_marked_as_repeated_is_answered_with_200(service: Notes) -> None:
    service.organization(ann="admin")
    for _ in range(2):
        answer = write(service, service.token("ann"), title="repeated", requestKey="k")
        assert (answer.status_code, answer.json()["title"]) == (200, "repeated")


def test_the_hash_is_over_what_the_request_means(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    for text in (b'{"title": "\\u00e9", "requestKey": "k"}', '{ "requestKey":"k","title":"é" }'.encode()):
        answer = service.send("POST", "/notes", token, content=text, headers={"Content-Type": "application/json"})
        assert answer.status_code == 201
    assert counts(service) == (1, 2, 1)


def test_keys_of_any_length_work(service: Notes) -> None:
    """An index holds 2,704 bytes; random characters cannot be compressed into them."""
    random = Random(1)
    keys = ["".join(chr(random.randrange(0x10000, 0x20000)) for _ in range(1000)) for _ in range(2)]
    first, again, other = (service.send("POST", "/once", json={"key": key}) for key in (keys[0], keys[0], keys[1]))
    assert first.status_code == 200
    assert first.content == again.content != other.content


def test_keys_work_without_a_tenant(service: Notes) -> None:
    first, again, other = (service.send("POST", "/once", json={"key": key}) for key in ("k", "k", "l"))
    assert first.status_code == 200
    assert first.content == again.content != other.content
    assert "idempotency-replayed" in again.headers
