"""Records that come together, alone and in batches: what becomes of them is what some order would have made of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import pytest

from tests.saas.conftest import Billing, Organization, usage

Body = dict[str, Any]
DAY, PERIOD = "2026-11-20", "2026-11"
HARD, SOFT, GAUGE_LIMIT = 60, 25, 6


@dataclass
class Model:
    """One organization's usage, taken one record after the other."""

    totals: dict[str, int] = field(default_factory=dict)
    crossings: list[tuple[str, int]] = field(default_factory=list)

    def refuses(self, body: Body) -> bool:
        """Whether a hard limit is in the way."""
        after = self._after(body)
        limit = GAUGE_LIMIT if body["feature"] == "active_agents" else HARD
        return after > limit and after > self.totals.get(body["feature"], 0)

    def take(self, body: Body) -> int:
        """The usage with one more record."""
        feature, before, after = body["feature"], self.totals.get(body["feature"], 0), self._after(body)
        limits = [GAUGE_LIMIT] if feature == "active_agents" else [HARD, SOFT]
        self.crossings += [(feature, limit) for limit in limits if before < limit <= after]
        self.totals[feature] = after
        return after

    def _after(self, body: Body) -> int:
        gauge = body["feature"] == "active_agents"
        return int(body["quantity"]) + (0 if gauge else self.totals.get(body["feature"], 0))


def test_a_batch_is_taken_in_its_order(billing: Billing) -> None:
    organization = billing.organization()
    organization.limit(organization.meter("api_calls"), 5)
    organization.limit(organization.meter("active_agents", "last"), GAUGE_LIMIT, "billing_period")
    first, second = usage("api_calls", 3), usage("api_calls", 3)
    events = [
        first,
        second,  # beyond the limit, so it does not count
        usage("api_calls", 2),  # up to it
        first,
        {**first, "quantity": 4},
        second,
        usage("active_agents", 7),
        usage("active_agents", 6),
        usage("teleports"),
        usage("api_calls", 0),
        usage("active_agents", 1, occurredAt="2026-11-20T11:00:00Z"),  # older than the newest
    ]
    answer = send(organization, "/billing/usage/batch", {"events": events})
    assert answer.status_code == 200, answer.text
    assert [result.get("code", result["outcome"]) for result in answer.json()["results"]] == [
        "recorded",
        "limit_exceeded",
        "recorded",
        "duplicate",
        "idempotency_conflict",
        "limit_exceeded",
        "limit_exceeded",
        "recorded",
        "feature_not_metered",
        "nothing_used",
        "recorded",
    ]
    assert (answer.json()["recorded"], answer.json()["duplicates"], answer.json()["refused"]) == (4, 1, 6)
    assert organization.totals()["api_calls", "day", DAY] == (5, 2)
    assert organization.totals()["active_agents", "billing_period", PERIOD] == (6, 2)
    assert len(organization.events("usage.recorded")) == 4
    assert [event["currentUsage"] for event in organization.events("limit.reached")] == [5, 6]


def test_events_of_a_batch_are_told_in_its_order(billing: Billing) -> None:
    organization = billing.organization()
    organization.limit(organization.meter("api_calls"), 2)
    organization.limit(organization.meter("reports"), 2, "day", "soft")
    reports = [("api_calls", 1), ("api_calls", 1), ("reports", 1), ("reports", 1), ("reports", 3)]
    events = [usage(feature, quantity) for feature, quantity in reports]
    send(organization, "/billing/usage/batch", {"events": events})
    told = billing.database.execute(
        "SELECT type, payload ->> 'feature', payload -> 'quantity' FROM treaty.outbox WHERE tenant = %s ORDER BY id",
        [organization.id],
    )
    assert told == [
        ("billing.usage.recorded", "api_calls", 1),
        ("billing.usage.recorded", "api_calls", 1),
        ("billing.limit.reached", "api_calls", None),
        ("billing.usage.recorded", "reports", 1),
        ("billing.usage.recorded", "reports", 1),
        ("billing.limit.reached", "reports", None),
        ("billing.usage.recorded", "reports", 3),
    ]


def test_a_batch_is_as_long_as_the_contract_says(billing: Billing) -> None:
    organization = billing.organization()
    organization.meter("api_calls")
    full = send(organization, "/billing/usage/batch", {"events": [usage("api_calls") for _ in range(1000)]})
    assert (full.status_code, full.json()["recorded"]) == (200, 1000)
    assert organization.totals()["api_calls", "billing_period", PERIOD] == (1000, 1000)
    for events in ([], [usage("api_calls") for _ in range(1001)]):
        assert send(organization, "/billing/usage/batch", {"events": events}).status_code == 422


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_together_is_as_if_it_had_come_one_after_the_other(billing: Billing, seed: int) -> None:
    organization = billing.organization()
    meter = organization.meter("api_calls")
    organization.limit(meter, HARD, "day", "hard")
    organization.limit(meter, SOFT, "billing_period", "soft")
    organization.limit(organization.meter("active_agents", "last"), GAUGE_LIMIT, "billing_period", "hard")
    random = Random(seed)
    reports = [usage(random.choice(("api_calls", "active_agents")), random.randint(1, 8)) for _ in range(60)]
    requests = _spread(random, reports)
    ended = _ended(requests, billing.run(_at_once(organization, requests)))
    by_key = {report["idempotencyKey"]: report for report in reports}

    model = Model()
    ledger = billing.database.execute(
        "SELECT idempotency_key, feature, quantity FROM billing_usage_event WHERE organization_id = %s ORDER BY id",
        [organization.id],
    )
    for key, feature, quantity in ledger:
        assert (feature, quantity) == (by_key[key]["feature"], by_key[key]["quantity"])
        assert not model.refuses(by_key[key])
        used = model.take(by_key[key])
        assert {answer["currentUsage"] for answer in ended[key] if "currentUsage" in answer} <= {used} or (
            len(ended[key]) > 1
        )
    stored = {key for key, _, _ in ledger}
    assert len(stored) == len(ledger)
    for key, answers in ended.items():
        assert all("code" not in answer or answer["code"] == "limit_exceeded" for answer in answers)
        acknowledged = any(answer.get("recorded") or answer.get("outcome") in ACKNOWLEDGED for answer in answers)
        assert acknowledged == (key in stored)
    for key in by_key.keys() - stored:
        assert by_key[key]["feature"] == "active_agents" or model.refuses(by_key[key])
    totals = {feature: total for (feature, window, _), (total, _) in organization.totals().items() if window == "day"}
    assert totals == model.totals
    told = organization.events("limit.reached")
    assert sorted((event["feature"], event["limit"]) for event in told) == sorted(model.crossings)
    assert len(organization.events("usage.recorded")) == len(ledger)


ACKNOWLEDGED = ("recorded", "duplicate")


def send(organization: Organization, path: str, body: Body) -> httpx.Response:
    async def sending() -> httpx.Response:
        async with organization.client() as client:
            return await client.post(path, json=body)

    return organization.billing.run(sending())


def _spread(random: Random, reports: list[Body]) -> list[list[Body]]:
    """Reports as requests: alone, in batches, and some of them a second time."""
    waiting = [*reports, *random.sample(reports, 15)]
    random.shuffle(waiting)
    requests = []
    while waiting:
        size = random.choice((1, 1, 1, 4))
        requests.append(waiting[:size])
        waiting = waiting[size:]
    return requests


async def _at_once(organization: Organization, requests: list[list[Body]]) -> list[httpx.Response]:
    async with organization.client() as client:
        return await asyncio.gather(
            *(
                client.post("/billing/usage", json=request[0])
                if len(request) == 1
                else client.post("/billing/usage/batch", json={"events": request})
                for request in requests
            )
        )


def _ended(requests: list[list[Body]], answers: list[httpx.Response]) -> dict[str, list[Body]]:
    """What was said of each report, by its key."""
    ended: dict[str, list[Body]] = {}
    for request, answer in zip(requests, answers, strict=True):
        assert answer.status_code in (200, 201, 409), answer.text
        said = answer.json()["results"] if len(request) > 1 else [answer.json()]
        for report, each in zip(request, said, strict=True):
            ended.setdefault(report["idempotencyKey"], []).append(each)
    return ended
