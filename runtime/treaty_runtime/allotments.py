"""The tokens of rate limits that one process holds, so that it need not ask the database for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["Allotments"]

MOST_ALLOTMENTS = 10_000


@dataclass(slots=True)
class _Allotment:
    """What a replica may hand out until a moment, and what was left in the bucket when it was taken."""

    tokens: float
    until: datetime
    left: float


@dataclass(slots=True)
class Allotments:
    """What one process holds, by bucket. When it ends, that drips in again."""

    _held: dict[str, _Allotment] = field(default_factory=dict)

    def hand_out(self, bucket: str, now: datetime) -> float | None:
        """Hand one token out, and say how many are left; `None` when none is held now."""
        held = self._held.get(bucket)
        if held is None or held.tokens < 1 or now >= held.until:
            return None
        held.tokens -= 1
        return held.left + held.tokens

    def give_back(self, bucket: str) -> float:
        """What is held is no longer: how much it was."""
        held = self._held.pop(bucket, None)
        return held.tokens if held else 0.0

    def keep(self, bucket: str, tokens: float, until: datetime, left: float) -> None:
        """Hold so many more tokens."""
        if len(self._held) >= MOST_ALLOTMENTS:
            self._held.clear()
        self._held[bucket] = _Allotment(self.give_back(bucket) + tokens, until, left)
