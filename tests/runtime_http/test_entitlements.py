"""What is paid for: who is entitled to it is answered, for a time of grace too; others are told where to go."""

from __future__ import annotations

import asyncio
import datetime as dt

import httpx
import pytest

from tests.runtime_http.conftest import NOON, Notes, code

SECOND = dt.timedelta(seconds=1)
GRACE = dt.timedelta(days=7)


def buy(service: Notes, title: str = "one", **more: str) -> httpx.Response:
    return service.send("POST", "/sold", service.token("ann"), json={"title": title, **more})


def test_who_is_not_entitled_is_told_where_to_be(service: Notes) -> None:
    service.organization(ann="admin")
    answer = buy(service, requestKey="k")
    assert code(answer) == (403, "entitlement_required")
    assert answer.json()["detail"] == "Your plan does not include extras."
    assert answer.json()["upgradeUrl"] == "https://notes.example/more"
    assert service.rows("SELECT count(*) FROM notes_note") == [(0,)]
    assert service.rows("SELECT count(*) FROM treaty.idempotency") == [(0,)]
    assert service.rows("SELECT operation, outcome, status FROM treaty.audit") == [
        ("notes.sold", "entitlement_required", 403)
    ]


@pytest.mark.parametrize(
    ("lapsed_at", "status"),
    [
        (None, 201),
        (NOON - GRACE + SECOND, 201),
        (NOON - GRACE, 403),
        (NOON + GRACE, 201),
    ],
)
def test_access_stays_for_the_time_of_grace(service: Notes, lapsed_at: dt.datetime | None, status: int) -> None:
    service.entitle(service.organization(ann="admin"), "extras", lapsed_at)
    assert buy(service).status_code == status


def test_one_entitlement_that_holds_is_enough(service: Notes) -> None:
    organization = service.organization(ann="admin")
    service.entitle(organization, "extras", NOON - 2 * GRACE)
    assert code(buy(service)) == (403, "entitlement_required")
    service.entitle(organization, "extras")
    assert buy(service).status_code == 201


def test_other_features_and_other_organizations_do_not_count(service: Notes) -> None:
    service.entitle(service.organization(ann="admin"), "other")
    service.entitle(service.organization(bob="admin"), "extras")
    assert code(buy(service)) == (403, "entitlement_required")


def test_a_stored_answer_is_given_again_whatever_is_paid_for_now(service: Notes) -> None:
    service.entitle(service.organization(ann="admin"), "extras")
    first = buy(service, requestKey="k")
    service.rows("DELETE FROM notes_right")
    again = buy(service, requestKey="k")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert code(buy(service, "two")) == (403, "entitlement_required")


def test_those_that_are_served_together_are_refused_alike(service: Notes) -> None:
    organization = service.organization(ann="admin")

    async def at_once() -> list[httpx.Response]:
        async with service.client(service.token("ann")) as client:
            bodies = [{"title": f"note {number}", "requestKey": f"k{number}"} for number in range(10)]
            return await asyncio.gather(*(client.post("/collected/sold", json=body) for body in bodies))

    assert {code(answer) for answer in service.run(at_once())} == {(403, "entitlement_required")}
    assert service.rows("SELECT count(*) FROM notes_note") == [(0,)]
    assert service.rows("SELECT count(*) FROM treaty.idempotency") == [(0,)]
    service.entitle(organization, "extras")
    assert [answer.status_code for answer in service.run(at_once())] == [201] * 10
    assert service.rows("SELECT outcome, count(*) FROM treaty.audit GROUP BY 1 ORDER BY 1") == [
        ("entitlement_required", 10),
        ("success", 10),
    ]


def test_exports_are_paid_for_like_pages(service: Notes) -> None:
    organization, ann = service.organization(ann="admin"), service.token("ann")
    for path in ("/list/sold", "/list/sold/export"):
        assert code(service.send("GET", path, ann)) == (403, "entitlement_required")
    service.entitle(organization, "extras")
    assert service.send("POST", "/notes", ann, json={"title": "one"}).status_code == 201
    assert service.send("GET", "/list/sold", ann).json()["notes"][0]["title"] == "one"
    assert service.send("GET", "/list/sold/export", ann).text.splitlines() == ["title", "one"]
