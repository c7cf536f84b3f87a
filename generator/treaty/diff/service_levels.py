"""Service levels compared: what is promised, over which time, and where alerts lead."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from treaty.diagnostics import Location
from treaty.diff.base import Found, Which
from treaty.diff.catalogue import service_levels as classes
from treaty.diff.side import Sides
from treaty.diff.wording import was
from treaty.emit.service_levels import percent
from treaty.resolve.model import Operation
from treaty.resolve.service_levels import ServiceLevel


def compare_service_levels(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    """What became of an operation's service level."""
    before, after = old.service_level, new.service_level
    if before == after:
        return
    at, side = sides.word(old.header, new.header, "slo")
    yield from _availability(before, after, at, side)
    yield from _latency(before, after, at, side)
    if before and after and before.window_days != after.window_days:
        message = f"The window {was(f'{before.window_days}d', f'{after.window_days}d')}."
        yield Found(classes.WINDOW_CHANGED, at, message, side)
    if before and after and before.runbook != after.runbook:
        yield Found(classes.RUNBOOK_CHANGED, at, f"The runbook {was(before.runbook, after.runbook)}.", side)


def _availability(
    before: ServiceLevel | None, after: ServiceLevel | None, at: Location, side: Which
) -> Iterator[Found]:
    old, new = (level.availability if level else None for level in (before, after))
    if old != new:
        kind = classes.PROMISED_MORE if (new or 0) > (old or 0) else classes.PROMISED_LESS
        yield Found(kind, at, f"The availability {was(_said(old), _said(new))}.", side)


def _latency(before: ServiceLevel | None, after: ServiceLevel | None, at: Location, side: Which) -> Iterator[Found]:
    """A change that promises less to anybody promises less."""
    old, new = _pace(before), _pace(after)
    if old == new:
        return
    more = new is not None and (old is None or (new[0] >= old[0] and new[1] <= old[1]))
    kind = classes.PROMISED_MORE if more else classes.PROMISED_LESS
    yield Found(kind, at, f"The latency {was(_answered(old), _answered(new))}.", side)


def _pace(level: ServiceLevel | None) -> tuple[Decimal, int] | None:
    if level is None or level.latency_share is None or level.latency_milliseconds is None:
        return None
    return level.latency_share, level.latency_milliseconds


def _answered(pace: tuple[Decimal, int] | None) -> str | None:
    return f"{percent(pace[0])} under {pace[1]}ms" if pace else None


def _said(share: Decimal | None) -> str | None:
    return percent(share) if share is not None else None
