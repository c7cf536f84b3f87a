"""Durations as contracts write them: `30s`, `5m`, `1h`, `40d`."""

from __future__ import annotations

import re
from datetime import timedelta

from treaty_runtime.acceptance.failures import Mistake

__all__ = ["duration"]

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> timedelta:
    """Read a duration such as `1h` or `40d`; raises `Mistake` for anything else."""
    match = re.fullmatch(r"([1-9]\d{0,5})([smhd])", text)
    if match is None:
        raise Mistake(f"`{text}` is not a duration: write a whole number and s, m, h or d, such as 1h or 40d")
    return timedelta(**{UNITS[match[2]]: int(match[1])})
