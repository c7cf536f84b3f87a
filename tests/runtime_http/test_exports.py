"""Exports: what the pages say in one file, of one moment; and what becomes of one that nobody takes or that breaks."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.runtime_http import notes
from tests.runtime_http.conftest import Notes, code
from tests.runtime_http.test_operators import Watched, until
from tests.support.raw_http import connection_to, request
from treaty_runtime import csv_text
from treaty_runtime.refusals import NotFound
from treaty_runtime.serving import address_of, listen, serving
from treaty_runtime.unit_of_work import UnitOfWork

PATH = "/list/export"
AUDITED = "SELECT outcome, status FROM treaty.audit WHERE operation = 'notes.list:csv' ORDER BY id"
Happening = Callable[[UnitOfWork], Awaitable[None]]


def written(service: Notes, organization: UUID, *titles: str) -> None:
    for title in titles:
        service.database.execute(
            "INSERT INTO notes_note VALUES (%s, %s, %s, '2026-11-20T12:00:00Z')", [uuid4(), organization, title]
        )


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))


def happening(monkeypatch: pytest.MonkeyPatch, happen: Happening) -> None:
    monkeypatch.setattr(notes.MEANWHILE, "happen", happen, raising=False)


def told(service: Notes) -> list[dict[str, Any]]:
    """The log lines of exports that have ended."""
    return [line for line in service.logged("request") if line["path"] == PATH]


def changed(service: Notes, monkeypatch: pytest.MonkeyPatch, **settings: float) -> None:
    """Other settings for the first replica."""
    own = service.replicas[0].service
    other = replace(own, settings=own.settings.model_copy(update=settings))
    monkeypatch.setattr(service.replicas[0].app.state, "service", other)


def free(service: Notes) -> bool:
    """Whether no export is being read."""
    return service.replicas[0].service.database.pools["export"].checkedout() == 0


def test_all_pages_are_one_file(service: Notes) -> None:
    titles = ["a", "a\nb", 'a"c', "a,d", "marked"]
    written(service, service.organization(ann="admin"), *titles)
    written(service, service.organization(eve="admin"), "of another")
    answer = service.send("GET", PATH, service.token("ann"))
    assert [(row["title"], row["marks"]) for row in rows(answer)] == [
        *((title, "") for title in titles[:4]), ("marked", '["marked"]'),
    ]  # fmt: skip
    assert answer.text.startswith("title,writtenAt,share,marks,cost\r\na,2026-11-20T12:00:00Z,0.5,,-12.50\r\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="list.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert json.loads(answer.headers["treaty-with"]) == {
        "count": 5, "reader": "admins only", "author": "Gr\u00f6\u00dfe\r\n",
    }  # fmt: skip
    few = service.send("GET", PATH, service.token("ann"), params={"begins": "mark"})
    assert ([row["title"] for row in rows(few)], json.loads(few.headers["treaty-with"])["count"]) == (["marked"], 1)
    none = service.send("GET", PATH, service.token("ann"), params={"begins": "nothing"})
    assert none.text == "title,writtenAt,share,marks,cost\r\n"


@pytest.mark.parametrize("text", ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "'quoted"])
def test_no_text_is_taken_for_a_formula(service: Notes, text: str) -> None:
    written(service, service.organization(ann="admin"), text, f"a{text}")
    titles = {row["title"] for row in rows(service.send("GET", PATH, service.token("ann")))}
    assert titles == {f"'{text}", f"a{text}"}


def test_who_has_not_the_role_gets_no_such_column(service: Notes) -> None:
    written(service, service.organization(ann="reader"), "a", "b", "c")
    answer = service.send("GET", PATH, service.token("ann"))
    assert [list(row) for row in rows(answer)] == [["title", "writtenAt", "share", "marks"]] * 3
    assert "reader" not in json.loads(answer.headers["treaty-with"])


def test_it_is_refused_like_a_page(service: Notes) -> None:
    service.organization(ann="admin")
    ann = service.token("ann")
    assert code(service.send("GET", PATH)) == (401, "unauthenticated")
    assert code(service.send("GET", PATH, service.token("nobody"))) == (404, "not_found")
    for more in ({"cursor": "x"}, {"limit": "1"}, {"more": "x"}):
        assert code(service.send("GET", PATH, ann, params=more)) == (422, "invalid")
    while (answer := service.send("GET", "/list", ann)).status_code == 200:
        pass
    assert code(answer) == (429, "rate_limited")
    assert code(service.send("GET", PATH, ann)) == (429, "rate_limited"), "both have one budget"
    outcomes = [outcome for outcome, _ in service.rows(AUDITED)]
    assert outcomes == ["unauthenticated", "not_found", *["invalid"] * 3, "rate_limited"]


def test_it_is_recorded_before_and_after(service: Notes) -> None:
    organization = service.organization(ann="admin")
    written(service, organization, *(f"{number:03}" for number in range(103)))
    watched = Watched(service)
    answer = service.send("GET", PATH, service.token("ann"))
    assert len(rows(answer)) == 103
    assert service.rows(AUDITED) == [("begun", 200), ("success", 200)]
    ((concerned, tenant),) = service.rows("SELECT rows, tenant FROM treaty.audit WHERE outcome = 'success'")
    assert (len(concerned), concerned[-1], tenant) == (101, {"more": 3}, organization)
    assert watched.grown("treaty_requests_total", operation="notes.list:csv", status="200", code="") == 1
    assert watched.grown("treaty_requests_in_flight", operation="notes.list:csv") == 0
    (line,) = told(service)
    assert (line["operation"], line["status"]) == ("notes.list:csv", 200)


def test_head_says_what_there_is_without_reading_on(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    written(service, service.organization(ann="admin"), "a", "b", "c")

    async def never(_: UnitOfWork) -> None:
        raise AssertionError("the second page was read")

    happening(monkeypatch, never)
    answer = service.send("HEAD", PATH, service.token("ann"))
    assert (answer.status_code, answer.content, json.loads(answer.headers["treaty-with"])["count"]) == (200, b"", 3)


def test_all_of_it_is_of_one_moment(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    organization = service.organization(ann="admin")
    written(service, organization, "a", "b", "c", "d")

    async def change(_: UnitOfWork) -> None:
        written(service, organization, f"c {uuid4()}")
        service.rows("DELETE FROM notes_note WHERE title = 'd'")

    happening(monkeypatch, change)
    assert [row["title"] for row in rows(service.send("GET", PATH, service.token("ann")))] == ["a", "b", "c", "d"]


async def fail(_: UnitOfWork) -> None:
    raise LookupError


async def lose_the_database(uow: UnitOfWork) -> None:
    await (await uow.session.connection()).execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


async def write(uow: UnitOfWork) -> None:
    uow.session.add(notes.Note(organization_id=uow.tenant, title="x"))


async def tell(uow: UnitOfWork) -> None:
    uow.emit(notes.NoteWritten(title="x", number=1))


async def refuse(_: UnitOfWork) -> None:
    raise NotFound


@pytest.mark.parametrize(
    ("happen", "status", "problem"),
    [
        (fail, 500, "internal"), (lose_the_database, 503, "unavailable"), (write, 500, "internal"),
        (tell, 500, "internal"), (refuse, 404, "not_found"),
    ],
)  # fmt: skip
def test_what_fails_midway_leaves_no_file_that_looks_whole(
    service: Notes, monkeypatch: pytest.MonkeyPatch, happen: Happening, status: int, problem: str
) -> None:
    written(service, service.organization(ann="admin"), "a", "b", "c")
    happening(monkeypatch, happen)
    watched = Watched(service)
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        service.send("GET", PATH, service.token("ann"))
    assert service.rows(AUDITED) == [("begun", 200), (problem, status)]
    assert watched.grown("treaty_requests_total", operation="notes.list:csv", status=str(status), code=problem) == 1
    assert [line["operation"] for line in service.logged("export_broken_off")] == ["notes.list:csv"]
    assert free(service)


def test_what_fails_before_the_first_byte_is_answered(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    service.organization(ann="admin")
    monkeypatch.setattr(notes.MEANWHILE, "made", lambda _: notes.NothingOutput(), raising=False)
    assert code(service.send("GET", PATH, service.token("ann"))) == (500, "internal")
    assert service.rows(AUDITED) == [("internal", 500)]
    assert free(service)


def test_a_caller_that_hangs_up_ends_it(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    written(service, service.organization(ann="admin"), "a", "b", "c")

    async def wait(uow: UnitOfWork) -> None:
        caller.close()
        await (await uow.session.connection()).execute(text("SELECT pg_sleep(60)"))

    happening(monkeypatch, wait)
    watched = Watched(service)
    caller = connection_to(service.replicas[0].server.address)
    with caller:
        caller.sendall(request(f"GET {PATH}".encode(), {"Authorization": f"Bearer {service.token('ann')}"}))
        service.run(until(lambda: bool(told(service))))
    assert free(service)
    assert service.rows(AUDITED) == [("begun", 200), ("aborted", 200)]
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'"
    assert service.rows(asleep) == [(0,)]
    ended = {"operation": "notes.list:csv", "outcome": "aborted"}
    assert watched.grown("treaty_request_duration_seconds_count", **ended) == 1


async def take_long(uow: UnitOfWork) -> None:
    await (await uow.session.connection()).execute(text("SELECT pg_sleep(60)"))


def test_one_that_takes_too_long_is_broken_off(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    written(service, service.organization(ann="admin"), "a", "b", "c")
    happening(monkeypatch, take_long)
    changed(service, monkeypatch, export_timeout=0.5)
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        service.send("GET", PATH, service.token("ann"))
    assert service.rows(AUDITED) == [("begun", 200), ("unavailable", 503)]
    assert free(service)


def test_a_caller_that_takes_nothing_is_given_up(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    written(service, service.organization(ann="admin"), "a", "b", "c")
    changed(service, monkeypatch, statement_timeout=0.1)
    monkeypatch.setattr(csv_text, "lines", lambda *_: bytes(10_000_000))
    with connection_to(service.replicas[0].server.address, buffer=4096) as caller:
        caller.sendall(request(f"GET {PATH}".encode(), {"Authorization": f"Bearer {service.token('ann')}"}))
        service.run(until(lambda: bool(told(service))))
    assert service.rows(AUDITED) == [("begun", 200), ("aborted", 200)]
    assert [line["operation"] for line in service.logged("export_not_taken")] == ["notes.list:csv"]
    assert free(service)


def test_only_so_many_are_read_at_a_time(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    written(service, service.organization(ann="admin"), "a", "b", "c")
    happening(monkeypatch, take_long)
    changed(service, monkeypatch, export_timeout=1)
    database, ann = service.replicas[0].service.database, service.token("ann")
    monkeypatch.setattr(database.pools["export"], "_timeout", 0.1)
    statuses = service.run(_at_once(service, ann, database.pools["export"].size() + 1))
    assert sorted(map(str, statuses)) == ["503", "None", "None"]
    assert service.send("GET", "/list", ann).status_code == 200


async def _at_once(service: Notes, token: str, number: int) -> list[int | None]:
    """The statuses of as many exports; `None` of those that break off."""
    async with service.client(token) as client:
        answers = await asyncio.gather(*(client.get(PATH) for _ in range(number)), return_exceptions=True)
    return [answer.status_code if isinstance(answer, httpx.Response) else None for answer in answers]


def test_a_stop_breaks_off_what_does_not_end(service: Notes, monkeypatch: pytest.MonkeyPatch) -> None:
    written(service, service.organization(ann="admin"), "a", "b", "c")
    happening(monkeypatch, take_long)
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        service.run(_stopped(service))
    assert service.rows(AUDITED) == [("begun", 200), ("unavailable", 503)]
    assert free(service)


async def _stopped(service: Notes) -> None:
    listener = listen("127.0.0.1", 0)
    async with service.client(service.token("ann")) as client:
        async with serving(service.replicas[0].app, listener, shutdown_timeout=1):
            asked = asyncio.create_task(client.get(f"{address_of(listener)}{PATH}"))
            await until(lambda: len(service.rows(AUDITED)) == 1)
        await asked
