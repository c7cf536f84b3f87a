"""Rate limits: over all replicas, by user, organization or key, refilled as time goes by."""

from __future__ import annotations

import asyncio
import datetime as dt
from uuid import uuid4

import httpx
import pytest

from tests.runtime_http.conftest import NOON, Notes, code


def test_the_limit_holds_over_all_replicas_at_once(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")

    async def together() -> list[httpx.Response]:
        async with service.client(token) as first, service.client(token, replica=1) as second:
            return await asyncio.gather(*(client.post("/limited/user") for client in (first, second) * 10))

    answers = service.run(together())
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 17
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert code(refused) == (429, "rate_limited")
    assert refused.headers["retry-after"] == "20"


def test_tokens_drip_in_one_by_one(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    seen = []
    for seconds in (0, 0, 0, 0, 19.5, 0.5, 0, 60, 0, 0, 0, 600, 0, 0, 0):
        service.clock.advance(dt.timedelta(seconds=seconds))
        answer = service.send("POST", "/limited/user", token)
        seen.append((answer.status_code, answer.headers.get("retry-after")))
    ok, used_up, nearly = (200, None), (429, "20"), (429, "1")
    assert seen == [ok, ok, ok, used_up, nearly, ok, used_up, ok, ok, ok, used_up, ok, ok, ok, used_up]


def test_a_clock_that_is_behind_takes_nothing_away(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    assert service.send("POST", "/limited/user", token).status_code == 200
    service.clock.set(NOON - dt.timedelta(minutes=1))
    statuses = [service.send("POST", "/limited/user", token).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_whose_budget_it_is(service: Notes) -> None:
    organization = service.organization(ann="admin", bob="admin")
    ann, bob = service.token("ann"), service.token("bob")
    first, second = service.key(organization).text, service.key(organization).text
    elsewhere = service.key(service.organization()).text
    for by, sharing in (("user", [ann]), ("organization", [ann, bob, first]), ("key", [first])):
        service.rows("DELETE FROM treaty.rate_limit")
        callers = (sharing * 3)[:3]
        assert [service.send("POST", f"/limited/{by}", caller).status_code for caller in callers] == [200] * 3
        for caller in (ann, bob, first, second, elsewhere):
            limited = caller in sharing or (by == "organization" and caller == second)
            assert service.send("POST", f"/limited/{by}", caller).status_code == (429 if limited else 200), (by, caller)


def test_nobody_in_particular_is_known_by_the_address(service: Notes) -> None:
    statuses = [service.send("GET", "/limited/anonymous").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    elsewhere = {"X-Forwarded-For": "192.0.2.1"}
    assert service.send("GET", "/limited/anonymous", headers=elsewhere).status_code == 200


def test_each_operation_has_a_budget_of_its_own(service: Notes) -> None:
    organization = service.organization(ann="admin")
    for by in ("user", "key", "organization"):
        for _ in range(3):
            assert service.send("POST", f"/limited/{by}", service.token("ann")).status_code == 200
    buckets = {bucket for (bucket,) in service.rows("SELECT bucket FROM treaty.rate_limit")}
    assert buckets == {
        "notes.limited.user@1:person:ann",
        "notes.limited.key@1:person:ann",
        f"notes.limited.organization@1:organization:{organization}",
    }


def test_who_is_refused_before_has_used_up_nothing(service: Notes) -> None:
    service.organization(ann="admin")
    for credentials in (None, "guess"):
        assert service.send("POST", "/limited/user", credentials).status_code == 401
    refused = service.send("POST", "/limited/user", service.token("ann"), headers={"Treaty-Tenant": str(uuid4())})
    assert refused.status_code == 404
    assert service.rows("SELECT count(*) FROM treaty.rate_limit") == [(0,)]


@pytest.mark.parametrize("query", ["unknown=1", ""])
def test_what_was_used_up_stays_so_when_the_request_is_refused(service: Notes, query: str) -> None:
    service.organization(ann="admin")
    service.send("POST", f"/limited/user?{query}", service.token("ann"))
    assert service.rows("SELECT tokens FROM treaty.rate_limit") == [(2.0,)]


def test_answers_say_what_is_left(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    told = []
    for path in ("/limited/user", "/limited/user?unknown=1", "/limited/user", "/limited/user"):
        answer = service.send("POST", path, token)
        assert answer.headers["ratelimit-policy"] == '"user";q=3;w=60'
        told.append((answer.status_code, answer.headers["ratelimit"], answer.headers.get("retry-after")))
    assert told == [
        (200, '"user";r=2;t=20', None), (422, '"user";r=1;t=40', None), (200, '"user";r=0;t=60', None),
        (429, '"user";r=0;t=60', "20"),
    ]  # fmt: skip
    for answer in (service.send("GET", "/who", token), service.send("POST", "/limited/user", "guess")):
        assert not {"ratelimit", "ratelimit-policy"} & set(answer.headers), "no limit, or nobody's"


def test_replicas_that_take_several_tokens_never_exceed_the_limit(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")

    async def together() -> list[int]:
        async with service.client(token) as first, service.client(token, replica=1) as second:
            answers = [client.post("/limited/often") for client in (first, second) * 120]
            return [answer.status_code for answer in await asyncio.gather(*answers)]

    answered = service.run(together()).count(200)
    ((bucket, left),) = service.rows("SELECT bucket, tokens FROM treaty.rate_limit")
    held = sum(replica.service.allotments.give_back(bucket) for replica in service.replicas)
    assert answered + left + held == 200
    assert held < 100, "most of it is there for all of them"


def test_what_was_not_handed_out_is_given_back(service: Notes) -> None:
    service.organization(ann="admin")
    token = service.token("ann")
    left = []
    for seconds in (0, 0, 2, 2):
        service.clock.advance(dt.timedelta(seconds=seconds))
        left.append(service.send("POST", "/limited/often", token).headers["ratelimit"])
    assert left == ['"organization";r=199;t=1', '"organization";r=198;t=1', *['"organization";r=199;t=1'] * 2]
