"""Totals, as they are kept and as they are made anew, against a simple model of the ledger."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.billing.periods import billing_period
from tests.saas.conftest import NOON, Billing, Organization, usage

AGGREGATIONS = {"calls": "sum", "jobs": "count", "agents": "last"}
Totals = dict[tuple[str, str, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Use:
    """A record: what, how much, how long before it is recorded, and how long after the record before it."""

    feature: str
    quantity: int
    late: dt.timedelta
    wait: dt.timedelta


# Few different times, so that records often share one.
USES = st.builds(
    Use,
    st.sampled_from(sorted(AGGREGATIONS)),
    st.integers(1, 9),
    st.sampled_from([dt.timedelta(hours=hours) for hours in (0, 1, 13, 24, 24 * 20, 24 * 35)]),
    st.sampled_from([dt.timedelta(hours=hours) for hours in (0, 0, 1, 24 * 12)]),
)
SUBSCRIPTIONS = st.none() | st.sampled_from([NOON - dt.timedelta(days=days) for days in (5, 20, 400)])
DAMAGES = st.lists(
    st.sampled_from(
        [
            "UPDATE billing_usage_total SET usage = usage + 1 WHERE organization_id = %s",
            "UPDATE billing_usage_total SET last_event = NULL WHERE organization_id = %s",
            "DELETE FROM billing_usage_total WHERE organization_id = %s AND \"window\" = 'day'",
            (
                'INSERT INTO billing_usage_total (id, organization_id, feature, "window", period, usage, events)'
                " VALUES (gen_random_uuid(), %s, 'calls', 'day', '2026-08-01', 5, 1)"
            ),
        ]
    ),
    unique=True,
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(uses=st.lists(USES, max_size=10), started_at=SUBSCRIPTIONS, damages=DAMAGES)
def test_totals_are_what_the_ledger_says(
    billing: Billing, uses: list[Use], started_at: dt.datetime | None, damages: list[str]
) -> None:
    billing.clock.set(NOON)
    organization = _organization(billing, started_at)
    expected = _expected(uses, started_at)
    billing.run(_record(organization, uses))
    assert organization.totals() == expected
    kept = _rows(organization)

    for damage in damages:
        billing.database.execute(damage, [organization.id])
    damaged = _rows(organization) != kept
    answer = billing.run(_rebuild(organization))
    assert answer["totals"] == len(expected)
    assert (answer["corrected"] > 0) == damaged
    assert _rows(organization) == kept
    assert organization.count("billing_usage_event") == len(uses)


def test_usage_that_nothing_meters_any_more_is_left_alone(billing: Billing) -> None:
    organization = _organization(billing, None)
    billing.run(_record(organization, [Use("jobs", 3, dt.timedelta(0), dt.timedelta(0))]))
    billing.database.execute("DELETE FROM billing_meter WHERE organization_id = %s", [organization.id])
    before = organization.totals()
    assert billing.run(_rebuild(organization)) == {"totals": 0, "corrected": 0}
    assert organization.totals() == before


def _organization(billing: Billing, started_at: dt.datetime | None) -> Organization:
    organization = billing.organization()
    for feature, aggregation in AGGREGATIONS.items():
        organization.meter(feature, aggregation)
    if started_at is not None:
        billing.database.execute(
            "INSERT INTO billing_subscription (id, organization_id, plan, status, started_at)"
            " VALUES (gen_random_uuid(), %s, 'team', 'active', %s)",
            [organization.id, started_at],
        )
    return organization


async def _record(organization: Organization, uses: list[Use]) -> None:
    clock = organization.billing.clock
    async with organization.client() as client:
        for use in uses:
            clock.set(clock.now() + use.wait)
            occurred_at = (clock.now() - use.late).isoformat()
            answer = await client.post("/billing/usage", json=usage(use.feature, use.quantity, occurredAt=occurred_at))
            assert answer.status_code == 201, answer.text


async def _rebuild(organization: Organization) -> dict[str, Any]:
    async with organization.client() as client:
        answer = await client.post("/billing/usage/rebuild")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


def _expected(uses: list[Use], started_at: dt.datetime | None) -> Totals:
    """What a ledger kept as a plain list says."""
    groups: dict[tuple[str, str, str], list[tuple[dt.datetime, dt.datetime, int, int]]] = defaultdict(list)
    now = NOON
    for number, use in enumerate(uses):
        now += use.wait
        occurred_at = now - use.late
        record = (occurred_at, now, number, use.quantity)
        groups[use.feature, "day", f"{occurred_at:%Y-%m-%d}"].append(record)
        groups[use.feature, "billing_period", billing_period(occurred_at, started_at).name].append(record)
    return {place: (_aggregated(AGGREGATIONS[place[0]], records), len(records)) for place, records in groups.items()}


def _aggregated(aggregation: str, records: list[tuple[dt.datetime, dt.datetime, int, int]]) -> int:
    if aggregation == "last":
        return max(records)[-1]
    return len(records) if aggregation == "count" else sum(record[-1] for record in records)


def _rows(organization: Organization) -> list[tuple[Any, ...]]:
    return organization.billing.database.execute(
        'SELECT feature, "window", period, usage, events, last_occurred_at, last_recorded_at, last_event'
        ' FROM billing_usage_total WHERE organization_id = %s ORDER BY feature, "window", period',
        [organization.id],
    )
