"""Days and billing periods: which one a moment belongs to, what it is called, when it begins and ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from generated.saas.billing.limit_window import LimitWindow

__all__ = [
    "BillingPeriod",
    "Calendar",
    "PeriodNames",
    "billing_period",
    "billing_period_named",
    "day_name",
    "first_day",
    "names",
    "within",
]

PeriodNames = Mapping[LimitWindow, str]
"""What the day and the billing period of a record are called."""

MONTH = relativedelta(months=1)


@dataclass(frozen=True, slots=True)
class BillingPeriod:
    """A billing period, from `start` up to but not including `end`.

    One that is a calendar month from its beginning is called like `2026-11`, any other by its first day, `2026-11-20`.
    """

    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        """What it is called in the ledger, in totals and on the wire."""
        return f"{self.start:%Y-%m}" if self.start == _month(self.start) else day_name(self.start)


def billing_period(moment: datetime, started_at: datetime | None) -> BillingPeriod:
    """The billing period of `moment`, when the subscription started at `started_at`; calendar months before that."""
    if started_at is None or moment < started_at:
        start = _month(moment)
        end = start + MONTH
        return BillingPeriod(start, end if started_at is None else min(end, started_at))
    elapsed = relativedelta(moment, started_at)
    months = elapsed.years * 12 + elapsed.months
    # Always counted from the first start: 31 January, 28 February, 31 March.
    return BillingPeriod(started_at + MONTH * months, started_at + MONTH * (months + 1))


def billing_period_named(name: str, started_at: datetime | None) -> BillingPeriod | None:
    """The billing period of this name; `None` when the organization has none that is called so."""
    try:
        first = first_day(name)
    except ValueError:
        return None  # such as 2026-02-31
    # A period named by its first day may begin at any time of that day.
    inside = first if _is_month(name) else first + timedelta(days=1, microseconds=-1)
    period = billing_period(inside, started_at)
    return period if period.name == name else None


def within(name: str) -> tuple[datetime, datetime] | None:
    """From when on and until when a record can be that counts in a billing period of this name, whoever's it is.

    `None` when it is no such name.
    """
    try:
        first = first_day(name)
    except ValueError:
        return None
    latest = first if _is_month(name) else first + timedelta(days=1)  # it begins at some time of its first day
    return first, latest + MONTH


def first_day(name: str) -> datetime:
    """The first day of the day or billing period of this name, which begins at some time of it.

    Raises `ValueError` when it is no such name.
    """
    return datetime.strptime(name, "%Y-%m" if _is_month(name) else "%Y-%m-%d").replace(tzinfo=UTC)


def day_name(moment: datetime) -> str:
    """The day of `moment` in UTC, like `2026-11-20`."""
    return f"{moment:%Y-%m-%d}"


def names(moment: datetime, period: BillingPeriod) -> PeriodNames:
    """What the totals of a record at `moment` are called."""
    return {LimitWindow.DAY: day_name(moment), LimitWindow.BILLING_PERIOD: period.name}


class Calendar:
    """The periods of one organization, for many moments: most of them lie on the day of the one before."""

    def __init__(self, started_at: datetime | None) -> None:
        """Of an organization whose subscription started at `started_at`."""
        self._started_at = started_at
        self._from = self._until = datetime.min.replace(tzinfo=UTC)
        self._names: PeriodNames = {}

    def names(self, moment: datetime) -> PeriodNames:
        """What the totals of a record at `moment` are called."""
        if not self._from <= moment < self._until:
            period = billing_period(moment, self._started_at)
            day = datetime.combine(moment, time.min, tzinfo=UTC)
            # With the first and the last moment that are called so: a day may lie in two billing periods.
            self._from, self._until = max(day, period.start), min(day + timedelta(days=1), period.end)
            self._names = names(moment, period)
        return self._names


def _is_month(name: str) -> bool:
    return len(name) == len("2026-11")


def _month(moment: datetime) -> datetime:
    return datetime.combine(moment.replace(day=1), time.min, tzinfo=UTC)
