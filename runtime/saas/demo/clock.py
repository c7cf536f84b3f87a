"""The demonstration's clock: the machine's, and some minutes on where nobody wants to wait for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from treaty_runtime.clock import SystemClock

__all__ = ["DemoClock"]


class DemoClock(SystemClock):
    """It runs like the machine's, and can be moved forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return super().now() + self._ahead

    def reach(self, moment: datetime) -> None:
        """Let it be `moment`, or later: whatever the machine's clock does, which may be set back."""
        self._ahead += max(timedelta(), moment - self.now())
