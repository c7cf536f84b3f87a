"""Limits against usage: what is left, what is reached, what a record would cross."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from generated.saas.billing.enforcement import Enforcement
from generated.saas.billing.limit_window import LimitWindow

__all__ = ["Limit", "Standing", "crossed", "decisive", "exceeded", "standings"]

Usage = Mapping[LimitWindow, int]
"""How much of a feature is used in each window."""


class Limit(NamedTuple):
    """A limit of a feature: held against every record, so it is no object that the session watches."""

    window: LimitWindow
    enforcement: Enforcement
    limit: int


class Standing(NamedTuple):
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


def standings(limits: Iterable[Limit], usage: Usage) -> list[Standing]:
    """Where each limit stands; a window without usage stands at nothing."""
    return [Standing(*limit, usage.get(limit.window, 0)) for limit in limits]


def decisive(standings: Iterable[Standing]) -> Standing | None:
    """The limit to tell of: one that stops, else the one with least left."""
    return min(standings, key=lambda standing: (not standing.stops, standing.limit - standing.usage), default=None)


def exceeded(after: Iterable[Standing], before: Usage) -> Standing | None:
    """The hard limit that a record would go beyond, which would bring the limits where they stand `after` it.

    A gauge that comes down is taken, even when it is still above a limit that was lowered meanwhile.
    """
    for standing in after:
        if (
            standing.usage > standing.limit
            and standing.enforcement is Enforcement.HARD
            and standing.usage > before.get(standing.window, 0)
        ):
            return standing
    return None


def crossed(after: Iterable[Standing], before: Usage) -> tuple[Standing, ...]:
    """The limits that a record brought from not reached to reached."""
    return tuple(standing for standing in after if before.get(standing.window, 0) < standing.limit <= standing.usage)
