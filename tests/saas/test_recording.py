"""Recording usage where scenarios would need too many words: gauges, several limits, repeats long after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.saas.conftest import NOON, Billing, Organization, usage

Body = dict[str, Any]


def send(organization: Organization, *bodies: Body) -> list[httpx.Response]:
    """Record one after the other."""

    async def sending() -> list[httpx.Response]:
        async with organization.client() as client:
            return [await client.post("/billing/usage", json=body) for body in bodies]

    return organization.billing.run(sending())


def get(organization: Organization, path: str) -> Body:
    """Ask for something that is there."""

    async def asking() -> httpx.Response:
        async with organization.client() as client:
            return await client.get(path)

    answer = organization.billing.run(asking())
    assert answer.status_code == 200, answer.text
    body: Body = answer.json()
    return body


def statuses(answers: Sequence[httpx.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


def test_a_gauge_keeps_its_newest_record_however_records_come_in(billing: Billing) -> None:
    organization = billing.organization()
    organization.limit(organization.meter("active_agents", "last"), 5, "billing_period")
    answers = send(
        organization,
        usage("active_agents", 3),
        # Older than what is known: too many then, but not now.
        usage("active_agents", 9, occurredAt="2026-11-20T10:00:00Z"),
        usage("active_agents", 5, occurredAt="2026-11-20T12:01:00Z"),
        usage("active_agents", 6, occurredAt="2026-11-20T12:02:00Z"),
        usage("active_agents", 1, occurredAt="2026-11-20T12:02:00Z"),
        usage("active_agents", 5, occurredAt="2026-11-20T12:03:00Z"),
    )
    assert statuses(answers) == [201, 201, 201, 409, 201, 201]
    assert [answer.json()["currentUsage"] for answer in answers if answer.is_success] == [3, 3, 5, 1, 5]
    assert len(organization.events("limit.reached")) == 2  # it was crossed twice


def test_a_gauge_above_a_lowered_limit_may_come_down(billing: Billing) -> None:
    organization = billing.organization()
    meter = organization.meter("active_agents", "last")
    send(organization, usage("active_agents", 9))
    organization.limit(meter, 5, "billing_period")
    assert statuses(send(organization, usage("active_agents", 8), usage("active_agents", 9))) == [201, 409]


def test_of_several_limits_the_one_with_least_left_is_told(billing: Billing) -> None:
    organization = billing.organization()
    meter = organization.meter("api_calls")
    organization.limit(meter, 10, "day", "soft")
    organization.limit(meter, 12, "billing_period", "hard")
    first, second, third = send(organization, usage("api_calls", 9), usage("api_calls", 3), usage("api_calls", 1))
    assert first.json() == {"recorded": True, "currentUsage": 9, "limit": 10, "limitReached": False}
    assert second.json() == {"recorded": True, "currentUsage": 12, "limit": 12, "limitReached": True}
    assert third.json()["detail"] == "The limit is 12; 12 are used, and the record would make it 13."
    assert [event["window"] for event in organization.events("limit.reached")] == ["billing_period", "day"]
    assert get(organization, "/billing/features/api_calls")["hasAccess"] is False


def test_late_usage_is_held_against_the_limits_of_its_own_day(billing: Billing) -> None:
    organization = billing.organization()
    organization.limit(organization.meter("api_calls"), 2)
    today, late = usage("api_calls", 2), usage("api_calls", 2, occurredAt="2026-10-31T23:59:59Z")
    assert statuses(send(organization, today, late, usage("api_calls", 1))) == [201, 201, 409]
    assert [event["period"] for event in organization.events("limit.reached")] == ["2026-11-20", "2026-10-31"]
    (counter,) = get(organization, "/billing/usage?period=2026-10")["counters"]
    assert (counter["usage"], counter["limits"]) == (2, [])  # the daily limit is about today


@pytest.mark.parametrize("later", [dt.timedelta(hours=25), dt.timedelta(days=40)])
def test_a_repeat_is_known_when_its_answer_is_long_forgotten(billing: Billing, later: dt.timedelta) -> None:
    organization = billing.organization()
    organization.meter("api_calls")
    body = usage("api_calls", 2, occurredAt="2026-11-20T11:00:00Z", sourceId="gateway", metadata={"a": [1, None]})
    send(organization, body)
    billing.database.execute("DELETE FROM billing_meter WHERE organization_id = %s", [organization.id])
    billing.clock.set(NOON + later)
    # Their answers are not kept: what the ledger says is asked each time.
    answers = send(organization, {**body, "metadata": {"a": 2}}, {**body, "sourceId": "other"}, body)
    assert [(answer.status_code, answer.json().get("code")) for answer in answers] == [
        (409, "idempotency_conflict"),
        (409, "idempotency_conflict"),
        (200, None),
    ]
    assert answers[-1].json() == {"recorded": False, "currentUsage": 2, "limitReached": False}
    assert organization.count("billing_usage_event") == 1
    assert len(organization.events("usage.recorded")) == 1


def test_what_does_not_fit_is_refused_and_leaves_nothing(billing: Billing) -> None:
    organization = billing.organization()
    organization.meter("api_calls")
    organization.meter("jobs", "count")
    largest = 2**63 - 1
    answers = send(
        organization,
        usage("api_calls", largest),
        usage("api_calls", 1),
        usage("jobs", largest),
        usage("jobs", largest),
        usage("api_calls", largest + 1),
    )
    assert statuses(answers) == [201, 409, 201, 201, 422]
    assert answers[1].json()["code"] == "total_too_large"
    assert organization.totals()["jobs", "day", "2026-11-20"] == (2, 2)
    assert organization.count("billing_usage_event") == 3


def test_nobody_sees_or_uses_what_is_another_organizations(billing: Billing) -> None:
    acme, globex = billing.organization(), billing.organization()
    acme.limit(acme.meter("api_calls"), 1)
    body = usage("api_calls")
    globex.meter("api_calls")
    assert statuses(send(acme, body)) == [201]
    assert statuses(send(globex, body)) == [201]  # the same key, of another organization
    assert get(globex, "/billing/features/api_calls")["reason"] == "included"

    async def elsewhere() -> httpx.Response:
        async with acme.client() as client:
            return await client.get("/billing/usage", headers={"Treaty-Tenant": globex.id})

    assert billing.run(elsewhere()).status_code == 404
