"""Service levels in words, and as numbers for those who measure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from treaty.resolve.service_levels import ServiceLevel

__all__ = ["in_words", "percent", "seconds"]


def in_words(level: ServiceLevel) -> str:
    """One sentence for readers of the API."""
    return f"{' and '.join(_objectives(level))}, over {level.window_days} days."


def _objectives(level: ServiceLevel) -> Iterator[str]:
    if level.availability is not None:
        yield f"{percent(level.availability)} of the requests do not fail"
    if level.latency_share is not None and level.latency_milliseconds is not None:
        yield (
            f"{percent(level.latency_share)} of the successful ones are answered within {level.latency_milliseconds} ms"
        )


def percent(share: Decimal) -> str:
    """A part of 1 as a percentage, exactly."""
    return f"{(share * 100).normalize():f}%"


def seconds(milliseconds: int) -> str:
    """Seconds as Python and the Prometheus client write them: with a point, and no zero too many behind it."""
    return str(milliseconds / 1000)
