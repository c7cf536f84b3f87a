"""Durations of policies: `24h` in seconds."""

from __future__ import annotations

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(duration: str) -> int:
    """The seconds of a duration such as `90s`, `10m`, `24h` or `7d`."""
    return int(duration[:-1]) * _UNITS[duration[-1]]
