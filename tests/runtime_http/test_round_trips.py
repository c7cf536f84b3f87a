"""How often a request waits for the database: what every policy word costs, in trips and not in time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.runtime_http import notes
from tests.runtime_http.conftest import Notes
from tests.support.round_trips import RoundTrips
from treaty_runtime.acceptance.server import Server
from treaty_runtime.application import build_app


@pytest.fixture
def counted(service: Notes, tmp_path: Path) -> Iterator[tuple[RoundTrips, Any]]:
    """A replica whose way to the database is counted, and how to send it a request."""
    urls = service.database.urls
    trips = RoundTrips(urls.app, tmp_path)
    settings = service.settings.model_copy(
        update={
            "database_url": SecretStr(trips.url_of(urls.app)),
            "database_system_url": SecretStr(trips.url_of(urls.system)),
        }
    )
    counting = trips.counting()
    service.run(counting.__aenter__())
    server = Server(build_app(notes.definition(tmp_path), notes.routes(), settings=settings, clock=service.clock))
    assert service.run(server.start())

    def send(method: str, path: str, credentials: str | None = None, **more: Any) -> int:
        counts = []
        for attempt in range(3):  # connections that are opened and statements that are prepared do not count
            if "json" in more:
                more["json"] = dict.fromkeys(("title", "requestKey"), f"{path}-{(credentials or '')[-20:]}-{attempt}")
            before = trips.count
            answer = service.send(method, f"{server.address}{path}", credentials, **more)
            assert answer.status_code in (200, 201), answer.text
            counts.append(trips.count - before)
        return min(counts)

    yield trips, send
    service.run(asyncio.wait_for(server.stop(), 60))
    service.run(counting.__aexit__(None, None, None))


def test_how_often_a_request_waits_for_the_database(service: Notes, counted: tuple[RoundTrips, Any]) -> None:
    _, send = counted
    organization = service.organization(ann="admin")
    ann, key = service.token("ann"), service.key(organization).text
    # What the implementation of `write` itself does: look for a note of that title, and insert one.
    work = 2
    begin, commit = 1, 1
    assert send("GET", "/who/anybody") == begin + commit
    for credentials in (ann, key):
        assert send("GET", "/who", credentials) == 1 + begin + commit, "who calls is one question"
        written = send("POST", "/notes", credentials, json={})
        assert written == 1 + begin + 1 + work + commit, "and the idempotency key one more"
        assert send("POST", "/limited/user", credentials) == 1 + 1 + begin + commit, (
            "and a limit that is nearly reached"
        )
        assert send("POST", "/limited/often", credentials) == 1 + begin + commit, "but not one that is not"
    service.entitle(organization, "extras")
    assert send("POST", "/sold", ann, json={}) == 1 + begin + 1 + work + commit, "what is paid for costs no question"
