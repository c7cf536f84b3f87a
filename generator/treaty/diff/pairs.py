"""Which contract of OLD is which one of NEW: the same major version, or the same to its readers under another key."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import date

from treaty.diff.operations import route
from treaty.diff.side import Side, Sides
from treaty.resolve.model import Event, Header, Operation


def pair(old: Side, new: Side, today: date) -> Sides:
    """Both sides, and what goes by another key in NEW."""
    renamed = dict(_versions(old, new))
    renamed |= _renamed(_routes(old.model.operations), _routes(new.model.operations))
    renamed |= _renamed(_types(old.model.events), _types(new.model.events))
    return Sides(old, new, renamed, today)


def _versions(old: Side, new: Side) -> Iterator[tuple[str, str]]:
    """What was the newest version and stands beside a newer one now, `usage.record@1`; and the other way round."""
    now = {(header.plain_key, header.major): header.key for header in _served(new)}
    for header in _served(old):
        key = now.get((header.plain_key, header.major), header.key)
        if key != header.key:
            yield header.key, key


def _served(side: Side) -> Iterator[Header]:
    for operation in side.model.operations.values():
        yield operation.header
    for event in side.model.events.values():
        yield event.header


def _routes(operations: Mapping[str, Operation]) -> dict[str, Hashable]:
    return {key: (item.method, route(item.http_path)) for key, item in operations.items()}


def _types(events: Mapping[str, Event]) -> dict[str, Hashable]:
    return {key: (item.type, item.header.major) for key, item in events.items()}


def _renamed(old: Mapping[str, Hashable], new: Mapping[str, Hashable]) -> Iterator[tuple[str, str]]:
    """Keys that are gone, each with the new key of what readers know by the same sign."""
    added = {sign: key for key, sign in new.items() if key not in old}
    for key, sign in old.items():
        if key not in new and sign in added:
            yield key, added[sign]
