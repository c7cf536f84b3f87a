"""The one Clock: every decision about time asks it, never SQL's now()."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Clock", "ManualClock", "SystemClock"]


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved, for scenarios that turn a period over."""

    def __init__(self, start: datetime) -> None:
        """Stand at `start`."""
        self.set(start)

    def now(self) -> datetime:
        """The moment it was last moved to."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Stand at `moment`. Raises `ValueError` for one that names no time zone."""
        if moment.utcoffset() is None:
            raise ValueError(f"{moment.isoformat()} names no time zone; write it with one, such as +00:00")
        self._now = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move on by `by`."""
        self._now += by
