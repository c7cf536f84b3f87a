"""Clocks and identifiers."""

from __future__ import annotations

import datetime as dt

import pytest

from treaty_runtime.clock import ManualClock, SystemClock
from treaty_runtime.identifiers import new_id


def test_the_systems_clock_is_in_utc() -> None:
    assert SystemClock().now().tzinfo == dt.UTC


def test_a_manual_clock_stands_until_it_is_moved() -> None:
    clock = ManualClock(dt.datetime(2026, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))))
    assert clock.now() == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert clock.now().tzinfo == dt.UTC
    clock.advance(dt.timedelta(hours=2))
    assert clock.now() == dt.datetime(2026, 1, 1, 2, tzinfo=dt.UTC)
    clock.set(dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    assert clock.now().year == 2025


def test_a_moment_without_a_zone_is_none() -> None:
    with pytest.raises(ValueError, match="names no time zone"):
        ManualClock(dt.datetime(2026, 1, 1))  # noqa: DTZ001  on purpose


def test_identifiers_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert {identifier.version for identifier in made} == {7}
