"""Requests that are served together: few transactions, and each judged, refused and answered by itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from tests.runtime_http import notes
from tests.runtime_http.conftest import Notes, code

Sent = tuple[str, dict[str, Any]]


def at_once(service: Notes, requests: Iterable[Sent], replicas: int = 1) -> list[httpx.Response]:
    """The answers to requests (token and body) that are all sent before any is answered."""

    async def sending() -> list[httpx.Response]:
        clients = [service.client(replica=number) for number in range(replicas)]
        try:
            return await asyncio.gather(
                *(
                    clients[number % replicas].post(
                        "/collected", json=body, headers={"Authorization": f"Bearer {token}"}
                    )
                    for number, (token, body) in enumerate(requests)
                )
            )
        finally:
            for client in clients:
                await client.aclose()

    notes.GROUPS.clear()
    return service.run(sending())


def counted(service: Notes) -> tuple[int, int, int]:
    """Notes, events and stored answers."""
    tables = ("notes_note", "treaty.outbox", "treaty.idempotency")
    found = [service.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables]
    return found[0], found[1], found[2]


def outcomes(service: Notes) -> Counter[str]:
    """How the audit says that calls ended."""
    return Counter(outcome for (outcome,) in service.rows("SELECT outcome FROM treaty.audit"))


def test_requests_share_transactions_and_lose_nothing(service: Notes) -> None:
    service.organization(ann="admin")
    bodies = [{"title": f"note {number}", "requestKey": f"k{number}"} for number in range(30)]
    answers = at_once(service, [(service.token("ann"), body) for body in bodies], replicas=2)
    assert [answer.status_code for answer in answers] == [201] * 30
    assert [answer.json()["title"] for answer in answers] == [body["title"] for body in bodies]
    assert counted(service) == (30, 30, 30)
    assert outcomes(service) == {"success": 30}
    ((transactions,),) = service.rows("SELECT count(DISTINCT xmin::text) FROM notes_note")
    assert transactions == len(notes.GROUPS) < 30
    ((requests,),) = service.rows("SELECT count(DISTINCT request_id) FROM treaty.outbox")
    assert requests == 30


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ("refuse", (409, "title_taken")),
        ("raise a refusal", (409, "title_taken")),
        ("refuse undeclared", (500, "internal")),
        ("explode", (500, "internal")),
        ("tell undeclared", (500, "internal")),
        ("answer wrongly", (500, "internal")),
        ("one too few", (500, "internal")),
        ("note 3", (500, "internal")),  # the database says that there is one
    ],
)
def test_one_bad_item_fails_alone(service: Notes, bad: str, expected: tuple[int, str]) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    at_once(service, [(token, {"title": "note 3"})])
    titles = ["note 0", "note 1", bad, "note 2", "note 4"]
    answers = at_once(service, [(token, {"title": title, "requestKey": title}) for title in titles])
    assert code(answers.pop(2)) == expected
    assert [answer.status_code for answer in answers] == [201] * 4
    assert counted(service) == (5, 5, 4)
    assert outcomes(service) == {"success": 5, expected[1]: 1}
    again = at_once(service, [(token, {"title": title, "requestKey": title}) for title in titles])
    assert [answer.headers.get("idempotency-replayed") for answer in again] == ["true", "true", None, "true", "true"]
    assert code(again[2]) == expected  # what was refused was not kept


def test_a_lost_connection_fails_the_group_and_is_not_tried_for_each(service: Notes) -> None:
    service.organization(ann="admin")
    titles = ["first", *(f"note {number}" for number in range(5)), "disconnect"]
    answers = at_once(service, [(service.token("ann"), {"title": title}) for title in titles])
    ((lost),) = [group for group in notes.GROUPS if "disconnect" in group]
    acknowledged = {title for title, answer in zip(titles, answers, strict=True) if answer.is_success}
    assert acknowledged == set(titles) - set(lost)
    assert {code(answer) for answer in answers if not answer.is_success} == {(503, "unavailable")}
    assert {title for (title,) in service.rows("SELECT title FROM notes_note")} == acknowledged


def test_one_key_at_once_is_carried_out_once(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    same = [(token, {"title": "one", "requestKey": "k"})] * 10
    answers = at_once(service, [*same, (token, {"title": "other", "requestKey": "k"})], replicas=2)
    told = Counter(answer.status_code for answer in answers)
    assert told in ({201: 10, 409: 1}, {201: 1, 409: 10})
    assert len({answer.content for answer in answers if answer.is_success}) == 1
    assert counted(service) == (1, 1, 1)


def test_a_budget_holds_for_a_group(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    answers = at_once(service, [(token, {"title": f"note {number}"}) for number in range(40)], replicas=2)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert Counter(answer.status_code for answer in answers) == {201: 30, 429: 10}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
    assert counted(service)[:2] == (30, 30)
    assert outcomes(service) == {"success": 30, "rate_limited": 10}


def test_everybody_is_judged_alone_and_tenants_stay_apart(service: Notes) -> None:
    acme, globex = service.organization(ann="admin"), service.organization(bob="admin")
    revoked = service.key(globex)
    service.rows("UPDATE treaty.api_key SET revoked_at = '2026-01-01' WHERE prefix = %s", revoked.prefix)
    key, ann, bob = service.key(acme).text, service.token("ann"), service.token("bob")
    tokens = [ann, bob, key, revoked.text, "made up", service.token("eve"), bob, ann]
    answers = at_once(service, [(token, {"title": f"note {number}"}) for number, token in enumerate(tokens)])
    assert [answer.status_code for answer in answers] == [201, 201, 201, 401, 401, 404, 201, 201]
    found = service.rows("SELECT organization_id, title FROM notes_note")
    assert {(acme, "note 0"), (globex, "note 1"), (acme, "note 2"), (globex, "note 6"), (acme, "note 7")} == set(found)
    told = service.rows("SELECT tenant, payload->>'title' FROM treaty.outbox")
    assert set(told) == set(found)


def test_what_does_not_fit_is_refused_before_it_waits_for_others(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    answers = at_once(service, [(token, {"title": "one"}), (token, {"title": ""}), (token, {"title": "repeated"})])
    assert [answer.status_code for answer in answers] == [201, 422, 200]
    assert all("" not in group for group in notes.GROUPS)
