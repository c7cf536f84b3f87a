"""When billing periods begin and end: counted from their anchor, so that the 31st comes back after a short month."""

from __future__ import annotations

import datetime as dt
from itertools import count

from dateutil.relativedelta import relativedelta

from stripe_simulator.storage import Document

__all__ = ["period_end", "same_rhythm"]

UNITS = {"day": "days", "week": "weeks", "month": "months", "year": "years"}


def period_end(anchor: int, start: int, recurring: Document) -> int:
    """The first end of a period after `start`, all in seconds; periods are counted from `anchor`, in UTC."""
    origin = dt.datetime.fromtimestamp(anchor, dt.UTC)
    unit = UNITS[recurring["interval"]]
    for number in count(1):
        step = relativedelta(**{unit: number * recurring["interval_count"]})
        end = int((origin + step).timestamp())
        if end > start:
            return end
    raise AssertionError  # the count does not end


def same_rhythm(one: Document, other: Document) -> bool:
    """Whether two prices are due equally often."""
    return all(one["recurring"][name] == other["recurring"][name] for name in ("interval", "interval_count"))
