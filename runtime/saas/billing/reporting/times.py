"""The times that reporting usage is bound to: Stripe's own, and those kept away from their edges."""

from __future__ import annotations

from datetime import timedelta

__all__ = ["AHEAD", "BACK", "DOUBTED", "LAG", "RESENDABLE", "SETTLED", "SPELL", "VOIDABLE", "until"]

BACK = timedelta(days=35)
"""How old usage may be that Stripe takes."""

AHEAD = timedelta(minutes=5)
"""How far ahead it may be."""

KNOWN = timedelta(hours=24)
"""For how long Stripe knows an identifier again, and takes an event back, after it has received it."""

MARGIN = timedelta(hours=1)
"""For what is under way, and clocks that differ."""

RESENDABLE = KNOWN - MARGIN
"""For how long after it was claimed a batch is sent again without a look at what Stripe has."""

VOIDABLE = KNOWN - MARGIN
"""For how long after it was claimed a record can be taken back."""

DOUBTED = KNOWN + MARGIN
"""How long after it was claimed nobody sends a batch any more, so that Stripe's summaries say whether it came."""

LAG = timedelta(minutes=2)
"""How long after it was recorded usage is claimed.

A record is of the moment when its request came, and is seen when its transaction commits; the two have another order.
Requests, statements and idle transactions are given up long before this, so what is recorded before is there to be
seen. Should one be later all the same, the nightly comparison finds it.
"""

SPELL = timedelta(minutes=2)
"""For how long records are sent one by one before those that are done are marked: a job that takes longer than its five
minutes is broken off, and begins anew with all of them.
"""

SETTLED = timedelta(hours=1)
"""For how long a batch may be under way before its absence at Stripe is a difference."""


def until(attempts: int) -> timedelta:
    """How long to wait after so many attempts that were not taken: a minute, doubling, half an hour at most."""
    return min(timedelta(minutes=2 ** min(attempts - 1, 10)), timedelta(minutes=30))
