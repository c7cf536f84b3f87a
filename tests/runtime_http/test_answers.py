"""What every answer has in common: problem documents, request ids, methods, and a database that is away."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

import httpx
import pytest

from tests.runtime_http.conftest import Notes, code
from tests.support.raw_http import exchange, request

ALLOWED = {
    "/notes": "OPTIONS, POST",
    "/notes/018f0000-0000-7000-8000-0000000000a1": "DELETE, GET, HEAD, OPTIONS",
    "/who": "GET, HEAD, OPTIONS",
    "/openapi.json": "GET, HEAD, OPTIONS",
    "/docs": "GET, HEAD, OPTIONS",
    "/health/live": "GET, HEAD, OPTIONS",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY")


@pytest.mark.parametrize("path", ["/", "/nothing", "/notes/1/2", "/docs/x", "/health", "/schema", "/%ff", "/notes%00"])
def test_where_nothing_is(service: Notes, path: str) -> None:
    assert code(service.send("GET", path)) == (404, "not_found")


@pytest.mark.parametrize("path", ALLOWED)
def test_methods_that_a_path_does_not_answer(service: Notes, path: str) -> None:
    for method in METHODS:
        if method not in ALLOWED[path]:
            answer = service.send(method, path)
            if method == "HEAD":
                assert answer.status_code == 405
            else:
                assert code(answer) == (405, "method_not_allowed")
            assert answer.headers["allow"] == ALLOWED[path]


@pytest.mark.parametrize("path", ALLOWED)
def test_options_name_the_methods(service: Notes, path: str) -> None:
    answer = service.send("OPTIONS", path)
    assert (answer.status_code, answer.content, answer.headers["allow"]) == (204, b"", ALLOWED[path])
    assert "access-control-allow-origin" not in answer.headers


def test_head_is_get_without_the_body(service: Notes) -> None:
    service.organization(ann="reader")
    token = service.token("ann")
    for path in ("/who", "/openapi.json", "/docs", "/health/live", "/health/ready"):
        got, head = (service.send(method, path, token) for method in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (got.status_code, b"")
        for name in ("content-type", "content-length"):
            assert head.headers[name] == got.headers[name]
    assert service.send("HEAD", "/who").status_code == 401


def test_every_answer_has_an_id(service: Notes) -> None:
    service.organization(ann="reader")
    given = {"X-Request-Id": "Mine_1.2-3"}
    for path, token in (("/who", service.token("ann")), ("/who", None), ("/nothing", None), ("/docs", None)):
        assert service.send("GET", path, token, headers=given).headers["x-request-id"] == "Mine_1.2-3"
        made = service.send("GET", path, token).headers["x-request-id"]
        assert UUID(made).version == 7
    for bad in ("", "a b", "<script>", "x" * 101, "é"):
        answer = service.send("GET", "/who", headers={"X-Request-Id": bad.encode()})
        assert UUID(answer.headers["x-request-id"]).version == 7


def test_answers_are_nobody_else_s(service: Notes) -> None:
    service.organization(ann="reader")
    for answer in (service.send("GET", "/who", service.token("ann")), service.send("GET", "/who")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_host_that_is_none_is_refused(service: Notes) -> None:
    sent = request(b"GET /who/anybody", {"Host": "a b/c"})
    answer = service.run(asyncio.to_thread(exchange, service.replicas[0].server.address, sent, method="GET"))
    assert answer.status == 400


def test_a_log_line_tells_how_it_went_and_nothing_private(service: Notes) -> None:
    organization = service.organization(ann="reader")
    token = service.token("ann")
    answer = service.send(
        "POST",
        "/notes?hidden=hidden1",
        token,
        json={"title": "hidden2", "secret": "hidden3"},
        headers={"X-Request-Id": "r-1"},
    )
    assert answer.status_code == 422
    note = service.send("POST", "/notes", token, json={"title": "hidden2"}, headers={"X-Request-Id": "r-2"}).json()[
        "note"
    ]
    service.send("GET", f"/notes/{note}", token, headers={"X-Request-Id": "r-3"})
    service.send("GET", "/hidden4", token)
    lines = service.logged("request")
    durations = [line.pop("duration_ms") for line in lines]
    assert all(isinstance(duration, float) and 0 < duration < 60_000 for duration in durations)
    known = {"tenant": str(organization), "principal": "person:ann", "log_level": "info", "event": "request"}
    assert lines[:3] == [
        {"request_id": "r-1", "method": "POST", "path": "/notes", "status": 422, "operation": "notes.write", **known},
        {"request_id": "r-2", "method": "POST", "path": "/notes", "status": 201, "operation": "notes.write", **known},
        {
            "request_id": "r-3",
            "method": "GET",
            "path": "/notes/{note}",
            "status": 200,
            "operation": "notes.read",
            **known,
        },
    ]
    assert (lines[3]["status"], lines[3]["path"]) == (404, None)
    assert not re.search(rf"hidden|{re.escape(token)}|{note}", str(service.lines))


def test_without_a_database_the_service_is_unavailable_for_a_while(service: Notes) -> None:
    service.organization(ann="reader")
    token = service.token("ann")
    name = service.database.urls.app.rsplit("/", 1)[1].split("?")[0]
    elsewhere = service.superuser_of("postgres")
    elsewhere(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    elsewhere("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
    try:
        for path in ("/who", "/health/ready", "/who", "/limited/anonymous"):
            answer = service.send("GET", path, token)
            assert code(answer) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) >= 1
        assert service.send("GET", "/health/live").status_code == 200
    finally:
        elsewhere(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert service.send("GET", "/who", token).status_code == 200


def test_connections_that_the_server_closed_are_replaced_unnoticed(service: Notes) -> None:
    service.organization(ann="reader")
    token = service.token("ann")

    async def many(replica: int) -> set[int]:
        async with service.client(token, replica=replica) as client:
            return {answer.status_code for answer in await asyncio.gather(*(client.get("/who") for _ in range(30)))}

    assert [service.run(many(replica)) for replica in range(2)] == [{200}, {200}]
    for closing in ("pg_terminate_backend(pid)", "pg_terminate_backend(pid, 60000)"):  # the second one waits
        service.rows(
            f"SELECT {closing} FROM pg_stat_activity"
            " WHERE usename IN ('treaty_app', 'treaty_system') AND datname = current_database()"
        )
    assert [service.run(many(replica)) for replica in range(2)] == [{200}, {200}]


def test_a_request_waits_for_a_connection_only_so_long(service: Notes) -> None:
    """More requests than connections: all are answered."""
    service.organization(ann="reader")
    token = service.token("ann")

    async def many() -> list[httpx.Response]:
        async with service.client(token) as client:
            return await asyncio.gather(*(client.get("/who") for _ in range(100)))

    assert {answer.status_code for answer in service.run(many())} == {200}
