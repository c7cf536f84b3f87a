"""Pages of the ledger, over HTTP: nothing is skipped or shown twice, and a cursor is good for its own question only."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.saas.conftest import Billing, usage

PATH = "/billing/usage/records"
FEATURE = "listed"


async def _record(client: httpx.AsyncClient, count: int, **more: Any) -> set[str]:
    """Keys of new records."""
    sent = [usage(FEATURE, **more) for _ in range(count)]
    answers = await asyncio.gather(*(client.post("/billing/usage", json=each) for each in sent))
    assert {answer.status_code for answer in answers} == {201}
    return {each["idempotencyKey"] for each in sent}


async def _page(client: httpx.AsyncClient, **query: Any) -> Any:
    answer = await client.get(PATH, params={"feature": FEATURE, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_walk_while_records_are_added_shows_each_older_one_once(billing: Billing) -> None:
    billing.run(_walk(billing))


async def _walk(billing: Billing) -> None:
    organization = billing.organization()
    organization.meter(FEATURE)
    async with organization.client() as client:
        there = await _record(client, 23)  # all at one moment: only the id tells them apart
        await _record(client, 1, occurredAt=(billing.clock.now() - timedelta(hours=1)).isoformat())
        shown: list[dict[str, Any]] = []
        page = await _page(client, limit=5)
        while True:
            assert len(page["records"]) == 5 or "next" not in page
            shown += page["records"]
            if "next" not in page:
                break
            if len(shown) < 30:  # behind the walk, where it is, and ahead of it
                await _record(client, 1, occurredAt=(billing.clock.now() - timedelta(hours=2)).isoformat())
                await _record(client, 1)
                await _record(client, 1, occurredAt=(billing.clock.now() + timedelta(minutes=1)).isoformat())
            page = await _page(client, limit=5, cursor=page["next"])
    keys = [item["idempotencyKey"] for item in shown]
    assert len(keys) == len(set(keys))
    assert there < set(keys)
    places = [(item["occurredAt"], item["id"]) for item in shown]
    assert places == sorted(places)


def test_a_cursor_is_good_for_its_own_question_only(billing: Billing) -> None:
    billing.run(_refusals(billing))


async def _refusals(billing: Billing) -> None:
    organization, other = billing.organization(), billing.organization()
    organization.meter(FEATURE)
    async with organization.client() as client, other.client() as stranger:
        await _record(client, 4)
        cursor = (await _page(client, limit=2))["next"]
        assert len((await _page(client, limit=1, cursor=cursor))["records"]) == 1  # another limit is the same question
        first = "B" if cursor[0] == "A" else "A"
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        unsealed = base64.urlsafe_b64encode(bytes(32) + data[32:]).decode()
        for made_up in (first + cursor[1:], cursor[:-6], cursor + "AAAA", unsealed, "x", "=", "\u00e9"):
            await _refused(client, feature=FEATURE, cursor=made_up)
        await _refused(client, feature="another", cursor=cursor)
        await _refused(client, feature=FEATURE, billingPeriod="2026-11", cursor=cursor)
        await _refused(stranger, feature=FEATURE, cursor=cursor)
        for limit in ("0", "501", "-1", "many"):
            answer = await client.get(PATH, params={"feature": FEATURE, "limit": limit})
            assert answer.status_code == 422


async def _refused(client: httpx.AsyncClient, **query: str) -> None:
    answer = await client.get(PATH, params=query)
    assert answer.status_code == 404, (query, answer.text)
    problem = answer.json()
    assert problem["code"] == "not_found"
    assert "`cursor`" in problem["detail"]


@pytest.mark.parametrize("limit", [3, 4])
def test_the_last_page_says_that_it_is(billing: Billing, limit: int) -> None:
    billing.run(_last(billing, limit))


async def _last(billing: Billing, limit: int) -> None:
    organization = billing.organization()
    organization.meter(FEATURE)
    async with organization.client() as client:
        await _record(client, 4)
        page = await _page(client, limit=limit)
        assert (len(page["records"]), "next" in page) == (limit, limit < 4)
