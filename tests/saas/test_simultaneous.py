"""Many requests at once: hard limits hold, totals lose nothing, and what is told is told once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx

from tests.saas.conftest import Billing, Organization, usage

DAY, PERIOD = "2026-11-20", "2026-11"


async def _at_once(organization: Organization, bodies: list[dict[str, Any]]) -> list[httpx.Response]:
    async with organization.client() as client:
        return await asyncio.gather(*(client.post("/billing/usage", json=body) for body in bodies))


def test_a_hard_limit_holds(billing: Billing) -> None:
    organization = billing.organization()
    organization.limit(organization.meter("api_calls"), 20)
    answers = billing.run(_at_once(organization, [usage("api_calls") for _ in range(50)]))
    assert Counter(answer.status_code for answer in answers) == {201: 20, 409: 30}
    assert {answer.json()["code"] for answer in answers if answer.is_client_error} == {"limit_exceeded"}
    assert organization.totals() == {
        ("api_calls", "day", DAY): (20, 20),
        ("api_calls", "billing_period", PERIOD): (20, 20),
    }
    assert organization.count("billing_usage_event") == 20
    assert sorted(answer.json()["currentUsage"] for answer in answers if answer.is_success) == list(range(1, 21))
    assert [event["currentUsage"] for event in organization.events("limit.reached")] == [20]


def test_totals_are_exact_and_a_soft_limit_is_told_once(billing: Billing) -> None:
    organization = billing.organization()
    organization.limit(organization.meter("token_issuances"), 60, "billing_period", "soft")
    quantities = range(1, 51)
    answers = billing.run(_at_once(organization, [usage("token_issuances", quantity) for quantity in quantities]))
    assert {answer.status_code for answer in answers} == {201}
    whole = (sum(quantities), len(quantities))
    assert organization.totals() == {
        ("token_issuances", "day", DAY): whole,
        ("token_issuances", "billing_period", PERIOD): whole,
    }
    assert len(organization.events("usage.recorded")) == len(quantities)
    assert len(organization.events("limit.reached")) == 1


def test_one_key_sent_many_times_counts_once(billing: Billing) -> None:
    organization = billing.organization()
    organization.meter("api_calls")
    answers = billing.run(_at_once(organization, [usage("api_calls", 7)] * 20))
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert organization.count("billing_usage_event") == 1
    assert organization.totals()["api_calls", "day", DAY] == (7, 1)


def test_one_key_in_many_batches_that_share_no_total_counts_once(billing: Billing) -> None:
    organization = billing.organization()
    features = [f"feature_{number}" for number in range(6)]
    for feature in features:
        organization.meter(feature)

    async def at_once(key: str) -> list[httpx.Response]:
        bodies = [{"events": [usage(name, idempotencyKey=key), usage(name)]} for name in features]
        async with organization.client() as client:
            return await asyncio.gather(*(client.post("/billing/usage/batch", json=body) for body in bodies))

    for number in range(3):
        answers = billing.run(at_once(f"shared-{number}"))
        assert {answer.status_code for answer in answers} == {200}
        results = Counter(result.get("code") for answer in answers for result in answer.json()["results"])
        assert results == {None: 7, "idempotency_conflict": 5}
    assert organization.count("billing_usage_event") == 21
    assert sum(usage for (_, window, _), (usage, _) in organization.totals().items() if window == "day") == 21


def test_records_across_days_and_periods_do_not_block_each_other_for_good(billing: Billing) -> None:
    organization = billing.organization()
    organization.meter("api_calls")
    times = [f"2026-{month}-{day:02}T12:00:00Z" for month, day in (("10", 30), ("10", 31), ("11", 1), ("11", 2))]
    bodies = [usage("api_calls", occurredAt=times[index % len(times)]) for index in range(48)]
    answers = billing.run(_at_once(organization, bodies))
    assert {answer.status_code for answer in answers} == {201}
    periods = {period: total for (_, window, period), total in organization.totals().items() if window != "day"}
    assert periods == {"2026-10": (24, 24), "2026-11": (24, 24)}


def test_totals_stay_right_when_they_are_rebuilt_meanwhile(billing: Billing) -> None:
    organization = billing.organization()
    organization.meter("api_calls")

    async def both() -> list[httpx.Response]:
        async with organization.client() as client:
            records = [client.post("/billing/usage", json=usage("api_calls")) for _ in range(40)]
            rebuilds = [client.post("/billing/usage/rebuild") for _ in range(3)]
            return await asyncio.gather(*records[:20], *rebuilds, *records[20:])

    answers = billing.run(both())
    assert Counter(answer.status_code for answer in answers) == {201: 40, 200: 3}
    assert [answer.json()["corrected"] for answer in answers if answer.status_code == 200] == [0, 0, 0]
    assert organization.totals()["api_calls", "billing_period", PERIOD] == (40, 40)


def test_a_subscription_starts_once(billing: Billing) -> None:
    organization = billing.organization()
    key = organization.service_key("admin")

    async def change() -> list[httpx.Response]:
        body = {"plan": "team", "status": "active"}
        async with organization.client() as client:
            client.headers["Authorization"] = f"Bearer {key}"
            return await asyncio.gather(*(client.put("/billing/subscription", json=body) for _ in range(10)))

    answers = billing.run(change())
    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    assert organization.count("billing_subscription") == 1
    assert len(organization.events("subscription.changed")) == 1
