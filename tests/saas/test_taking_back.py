"""Usage that is taken back while it is on its way to Stripe, or after it came there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from saas.billing.reporting import times
from tests.saas.conftest import Billing
from tests.saas.working import Works, feature, working


@pytest.fixture
def works(billing: Billing) -> Iterator[Works]:
    """Workers of this test."""
    with working(billing) as found:
        yield found


def test_a_key_that_looks_like_taking_back_does_not_keep_a_record_from_being_billed(works: Works) -> None:
    name = feature()
    organization = works.customer(name)
    record = works.record(organization, name, 100)
    works.record(organization, name, 1, idempotencyKey=f"void:{record}")
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    assert works.counted(organization, name) == 101


def test_what_is_taken_back_after_an_answer_was_lost_is_cancelled(works: Works) -> None:
    name = feature()
    organization = works.customer(name)
    record = works.record(organization, name, 100)
    works.later(minutes=3)
    works.simulator("faults/answers", rules=[{"path": "/v1/billing/meter_events", "answer": "lost", "times": 3}])
    works.run_job("claim", organization.id)
    assert works.counted(organization, name) == 100
    assert works.void(organization, record).status_code == 201
    works.later(minutes=3)
    works.run_job("claim", organization.id)  # sent again, as nobody knows that it is there, and cancelled
    assert works.batches(organization) == [("events", 1, True), ("voids", 1, True)]
    assert works.counted(organization, name) == 0


def test_what_was_billed_so_long_ago_that_its_report_is_gone_is_not_taken_back(works: Works) -> None:
    name = feature()
    organization = works.customer(name)
    record = works.record(organization, name, 100)
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    works.later(days=61)
    works.billing.database.execute(  # as retention does by then
        "DELETE FROM billing_usage_report WHERE organization_id = %s RETURNING id", [organization.id]
    )
    answer = works.void(organization, record)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late_to_void")


def test_what_stripe_never_counted_does_not_keep_others_from_being_cancelled(works: Works) -> None:
    name, dropped = feature(), feature()
    organization = works.customer(name)
    organization.meter(dropped)  # Stripe has none: it takes the event, and drops it
    records = [works.record(organization, dropped, 7), works.record(organization, name, 100)]
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    for record in records:
        assert works.void(organization, record).status_code == 201
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    assert works.counted(organization, name) == 0
    assert works.batches(organization) == [("events", 2, True), ("voids", 1, True), ("voids", 1, False)]


def test_what_takes_too_long_is_marked_as_far_as_it_came(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "SPELL", dt.timedelta(0))
    name = feature()
    organization = works.customer(name)
    records = [works.record(organization, name, quantity) for quantity in (1, 20)]
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    assert works.counted(organization, name) == 1
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    assert works.counted(organization, name) == 21
    for record in records:
        works.void(organization, record)
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    assert works.counted(organization, name) == 20
    works.later(minutes=3)
    works.run_job("claim", organization.id)
    assert works.counted(organization, name) == 0
