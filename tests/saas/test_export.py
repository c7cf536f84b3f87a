"""The ledger as a file: what its pages say, at any length, in the memory of one page."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from saas.billing import ledger
from tests.runtime_http.test_operators import until
from tests.saas.conftest import Billing, Organization, usage
from tests.support.raw_http import connection_to, request

PATH = "/billing/usage/records/export"
PAGES = "/billing/usage/records"
FEATURE = "exported"
NAMES = ["id", "quantity", "idempotencyKey", "occurredAt", "recordedAt", "billingPeriod", "sourceId", "voids"]
_FILL = """
    INSERT INTO billing_usage_event
        (id, organization_id, feature, quantity, idempotency_key, occurred_at, recorded_at, billing_period, source_id)
    SELECT gen_random_uuid(), %(organization)s, %(feature)s, n, gen_random_uuid()::text,
           timestamptz '2026-11-02' + n %% 7 * interval '1 hour', '2026-11-20T12:00:00Z', '2026-11', repeat('x', 150)
    FROM generate_series(1, %(number)s::int) AS n
"""


def _fill(organization: Organization, feature: str, number: int) -> None:
    """Put records into the ledger, of which each seventh has the same time."""
    values = {"organization": organization.id, "feature": feature, "number": number}
    organization.billing.database.execute(_FILL, values)


def _rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def _walk(client: httpx.AsyncClient, **asked: str) -> list[dict[str, Any]]:
    """All items, page after page."""
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": None}
    while "next" in page:
        after = {"cursor": page["next"]} if page["next"] else {}
        page = (await client.get(PAGES, params={**asked, **after})).json()
        found += page["records"]
    return found


def test_the_file_says_what_the_pages_say(billing: Billing) -> None:
    billing.run(_both(billing))


async def _both(billing: Billing) -> None:
    organization, other = billing.organization(), billing.organization()
    organization.meter(FEATURE)
    _fill(organization, FEATURE, 1100)
    _fill(other, FEATURE, 3)
    billing.clock.set(datetime(2026, 10, 31, 23, 59, tzinfo=UTC))
    async with organization.client() as client:
        odd = usage(FEATURE, 1, sourceId='=HYPERLINK("http://x")\r\n, "quoted"')
        answer = await client.post("/billing/usage", json=odd)
        assert answer.status_code == 201, answer.text
        for period, number in (({}, 1101), ({"billingPeriod": "2026-10"}, 1), ({"billingPeriod": "2026-11"}, 1100)):
            asked = {"feature": FEATURE, **period}
            items = await _walk(client, **asked)
            rows = _rows(await client.get(PATH, params=asked))
            assert len(items) == number
            assert [list(row) for row in rows[:1]] == [NAMES]
            assert [_unguarded(row) for row in rows] == [
                {name: str(item.get(name, "")) for name in NAMES} for item in items
            ]
        for none in ("2026-12", "2026-11-02", "2026-13", "never"):
            assert _rows(await client.get(PATH, params={"feature": FEATURE, "billingPeriod": none})) == []


def _unguarded(row: dict[str, str]) -> dict[str, str]:
    return {name: value.removeprefix("'") for name, value in row.items()}


async def _read(client: httpx.AsyncClient, feature: str) -> int:
    """Read a file to its end and keep nothing of it. Returns how many lines it has."""
    async with client.stream("GET", PATH, params={"feature": feature}) as answer:
        return sum([part.count(b"\n") async for part in answer.aiter_raw()])


def test_a_long_file_takes_the_memory_of_a_short_one(billing: Billing) -> None:
    billing.run(_peaks(billing))


async def _peaks(billing: Billing) -> None:
    organization = billing.organization()
    for feature, number in (("short", 1000), ("long", 5000)):
        _fill(organization, feature, number)
    peaks = {}
    async with organization.client() as client:
        await _read(client, "short")  # what is made once
        tracemalloc.start()
        try:
            for feature, number in (("short", 1000), ("long", 5000)):
                before, _ = tracemalloc.get_traced_memory()
                tracemalloc.reset_peak()
                assert await _read(client, feature) == number + 1
                peaks[feature] = tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()
    assert peaks["long"] < 2 * peaks["short"], peaks


def test_what_nobody_takes_is_not_read(billing: Billing, monkeypatch: pytest.MonkeyPatch) -> None:
    billing.run(_stalled(billing, monkeypatch))


async def _stalled(billing: Billing, monkeypatch: pytest.MonkeyPatch) -> None:
    organization = billing.organization()
    _fill(organization, "long", 15_000)
    read, page = 0, ledger.page

    async def counted(*arguments: Any) -> Any:
        nonlocal read
        read += 1
        return await page(*arguments)

    monkeypatch.setattr(ledger, "page", counted)
    async with organization.client() as client:
        token = client.headers["Authorization"]
        with connection_to(billing.address, buffer=4096) as caller:
            caller.sendall(request(f"GET {PATH}?feature=long".encode(), {"Authorization": token}))
            seen = -1
            while not 0 < read == seen:  # until it waits: in the time of other requests, nothing more is read
                seen = read
                for _ in range(20):
                    await client.get("/health/live")
            assert read < 150, "all of it waits in memory, and the caller has taken nothing"
        ended = "SELECT 1 FROM treaty.audit WHERE tenant = %s AND outcome = 'aborted'"
        await until(lambda: bool(billing.database.execute(ended, [organization.id])))
    assert read < 150
