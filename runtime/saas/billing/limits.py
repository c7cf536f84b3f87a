"""Limits against usage: what is left, what is reached, what a record would cross."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generated.saas.billing.enforcement import Enforcement
from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.usage_limit import UsageLimit

__all__ = ["Standing", "crossed", "decisive", "exceeded", "standings"]

Usage = Mapping[LimitWindow, int]
"""How much of a feature is used in each window."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A limit and the usage it is held against."""

    window: LimitWindow
    enforcement: Enforcement
    limit: int
    usage: int

    @property
    def reached(self) -> bool:
        """Whether nothing is left."""
        return self.usage >= self.limit

    @property
    def stops(self) -> bool:
        """Whether nothing more is taken: a hard limit that is reached."""
        return self.reached and self.enforcement is Enforcement.HARD


def standings(limits: Iterable[UsageLimit], usage: Usage) -> list[Standing]:
    """Where each limit stands; a window without usage stands at nothing."""
    return [Standing(limit.window, limit.enforcement, limit.limit, usage.get(limit.window, 0)) for limit in limits]


def decisive(standings: Iterable[Standing]) -> Standing | None:
    """The limit to tell of: one that stops, else the one with least left."""
    return min(standings, key=lambda standing: (not standing.stops, standing.limit - standing.usage), default=None)


def exceeded(limits: Iterable[UsageLimit], before: Usage, after: Usage) -> Standing | None:
    """The hard limit that a record would go beyond.

    A gauge that comes down is taken, even when it is still above a limit that was lowered meanwhile.
    """
    beyond = (
        standing
        for standing in standings(limits, after)
        if standing.enforcement is Enforcement.HARD
        and standing.usage > standing.limit
        and standing.usage > before.get(standing.window, 0)
    )
    return next(beyond, None)


def crossed(limits: Iterable[UsageLimit], before: Usage, after: Usage) -> Iterator[Standing]:
    """The limits that a record brought from not reached to reached."""
    for standing in standings(limits, after):
        if before.get(standing.window, 0) < standing.limit <= standing.usage:
            yield standing
