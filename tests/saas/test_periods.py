"""Where a billing period begins and ends, and what it is called."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generated.saas.billing.limit_window import LimitWindow
from saas.billing.periods import BillingPeriod, billing_period, billing_period_named, names

SECONDS = st.integers(0, 40 * 366 * 86_400)
MOMENTS = st.builds(
    lambda seconds, part: at("2020-01-01") + dt.timedelta(seconds=seconds, microseconds=part),
    SECONDS,
    st.integers(0, 1),
)
MICROSECOND = dt.timedelta(microseconds=1)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("moment", "started_at", "name", "start", "end"),
    [
        # Calendar months when there is no subscription.
        ("2026-11-01T00:00:00", None, "2026-11", "2026-11-01", "2026-12-01"),
        ("2026-11-30T23:59:59.999999", None, "2026-11", "2026-11-01", "2026-12-01"),
        ("2026-12-31T23:59:59", None, "2026-12", "2026-12-01", "2027-01-01"),
        ("2028-02-29T12:00:00", None, "2028-02", "2028-02-01", "2028-03-01"),
        # Months from the day that the subscription started.
        ("2026-11-20T12:00:00", "2026-11-20T12:00:00", "2026-11-20", "2026-11-20T12:00:00", "2026-12-20T12:00:00"),
        ("2026-12-20T11:59:59", "2026-11-20T12:00:00", "2026-11-20", "2026-11-20T12:00:00", "2026-12-20T12:00:00"),
        ("2026-12-20T12:00:00", "2026-11-20T12:00:00", "2026-12-20", "2026-12-20T12:00:00", "2027-01-20T12:00:00"),
        ("2026-11-15T00:00:00", "2026-10-01", "2026-11", "2026-11-01", "2026-12-01"),
        ("2026-11-15T00:00:00", "2026-10-01T09:00:00", "2026-11-01", "2026-11-01T09:00:00", "2026-12-01T09:00:00"),
        # A subscription from the 31st keeps to it, as far as months have one.
        ("2027-02-28T00:00:00", "2026-12-31", "2027-02-28", "2027-02-28", "2027-03-31"),
        ("2027-02-27T23:59:59", "2026-12-31", "2027-01-31", "2027-01-31", "2027-02-28"),
        ("2027-04-01T00:00:00", "2026-12-31", "2027-03-31", "2027-03-31", "2027-04-30"),
        # The calendar month before the start ends with the start.
        ("2026-11-19T00:00:00", "2026-11-20T12:00:00", "2026-11", "2026-11-01", "2026-11-20T12:00:00"),
        ("2026-10-19T00:00:00", "2026-11-20T12:00:00", "2026-10", "2026-10-01", "2026-11-01"),
    ],
)
def test_the_period_of_a_moment(moment: str, started_at: str | None, name: str, start: str, end: str) -> None:
    started = at(started_at) if started_at else None
    period = billing_period(at(moment), started)
    assert period == BillingPeriod(at(start), at(end))
    assert period.name == name
    assert billing_period_named(name, started) == period


@pytest.mark.parametrize("name", ["2026-02-31", "2026-11-20", "2026-11-01"])
def test_a_name_that_no_calendar_month_has(name: str) -> None:
    assert billing_period_named(name, None) is None


def test_a_name_from_before_the_subscription_and_one_that_it_does_not_have() -> None:
    started = at("2026-11-20T12:00:00")
    assert billing_period_named("2026-10", started) == BillingPeriod(at("2026-10-01"), at("2026-11-01"))
    assert billing_period_named("2026-12", started) is None
    assert billing_period_named("2026-12-19", started) is None


@given(MOMENTS, st.none() | MOMENTS)
def test_periods_have_no_gaps_and_names_of_their_own(moment: dt.datetime, started_at: dt.datetime | None) -> None:
    period = billing_period(moment, started_at)
    assert period.start <= moment < period.end
    assert billing_period(period.start, started_at) == period
    assert billing_period(period.end - MICROSECOND, started_at) == period
    following = billing_period(period.end, started_at)
    assert following.start == period.end
    assert following.name != period.name
    assert billing_period_named(period.name, started_at) == period


@given(MOMENTS)
def test_a_day_is_a_day_in_utc(moment: dt.datetime) -> None:
    named = names(moment, billing_period(moment, None))
    assert named[LimitWindow.DAY] == moment.date().isoformat()
