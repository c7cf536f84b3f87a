"""A phrase moves the clock to an instant, or on by a duration."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from treaty.contract.patterns import DURATION
from treaty.contract.vocabulary import ClockAct
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book
from treaty.rules.templates import is_open


def check(book: Book) -> Iterator[Finding]:
    """Look at `clock` and `advance`, as far as they are known beforehand."""
    for place in book.phrases:
        for position, act in enumerate(place.phrase.acts):
            if not isinstance(act, ClockAct):
                continue
            path = place.act_path(position)
            if act.clock not in (None, "now") and not is_open(act.clock) and not _is_instant(str(act.clock)):
                yield Finding(
                    place.owner.at(*path, "clock"),
                    f"`{act.clock}` is no instant.",
                    "Write `now`, a date-time such as 2026-01-31T12:00:00Z, or `{name.field}`.",
                )
            if act.advance is not None and not is_open(act.advance) and not re.fullmatch(DURATION, act.advance):
                yield Finding(
                    place.owner.at(*path, "advance"),
                    f"`{act.advance}` is no duration.",
                    "Write a number and `s`, `m`, `h` or `d`, such as `1h` or `40d`.",
                )


def _is_instant(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


RULE = Rule("act-clock", "Time moves only by the clock, so the clock has to know where to.", check)
