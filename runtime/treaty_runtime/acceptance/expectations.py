"""What a Then promises, against what the last When brought about; each broken promise is a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from treaty_runtime.acceptance.changes import Changes
from treaty_runtime.acceptance.comparison import part_differs
from treaty_runtime.acceptance.exchanges import Reply
from treaty_runtime.acceptance.tables import short
from treaty_runtime.models import Entity, Event

__all__ = ["Outcome", "answer_differs", "changes_differ", "deliveries_differ", "events_differ", "totals_differ"]

Outcome = Literal["success", "refused"]


def answer_differs(
    exchange: Reply, outcome: Outcome | None, error: str | None, output: Mapping[str, Any] | None
) -> Iterator[str]:
    """How the answer is not the one that was promised."""
    if error is not None:
        if exchange.code != error:
            yield f"promised the error {error}, but answered {exchange.came}"
    elif outcome == "refused" and exchange.succeeded:
        yield f"promised to refuse, but answered {exchange.came}"
    elif (outcome == "success" or output is not None) and not exchange.succeeded:
        yield f"promised success, but answered {exchange.came}"
    elif output is not None:
        yield from part_differs(output, exchange.body)


def events_differ(events: Sequence[type[Event]], told: Mapping[str, int]) -> Iterator[str]:
    """How the events told are not exactly `events`, in whatever order."""
    promised = Counter(f"{event.KEY}@{event.VERSION.partition('.')[0]}" for event in events)
    versions = Counter(_key(version) for version in promised.keys() | told.keys())
    for version in sorted(promised.keys() | told.keys()):
        wanted, found = promised[version], told.get(version, 0)
        if wanted != found:
            name = _key(version) if versions[_key(version)] == 1 else version
            yield f"promised {_count(wanted, f'event {name}', f'events {name}')}, found {found}"


def _key(version: str) -> str:
    return version.partition("@")[0]


def changes_differ(
    promised: Mapping[type[Entity], int], found: Changes, entities: Sequence[type[Entity]]
) -> Iterator[str]:
    """How the rows changed otherwise than promised: the named entities, or all of them when none may change."""
    for entity in promised or entities:
        wanted, written = promised.get(entity, 0), found.written.get(entity.KEY, 0)
        if wanted != written:
            yield f"promised {_count(wanted, f'new {short(entity)}', f'changed {short(entity)}')}, found {written}"
        if not promised and (deleted := found.deleted.get(entity.KEY, 0)):
            yield f"promised that no {short(entity)} changes, found {deleted} deleted"


def deliveries_differ(promised: Mapping[str, int], found: Mapping[str, int]) -> Iterator[str]:
    """How webhooks stored otherwise than promised, by what became of it."""
    for state in sorted(promised.keys() | found.keys()):
        wanted, came = promised.get(state, 0), found.get(state, 0)
        if wanted != came:
            yield f"promised {_count(wanted, f'{state} delivery', f'{state} deliveries')}, found {came}"


def totals_differ(entity: type[Entity], promised: int, found: int) -> Iterator[str]:
    """How an entity has not as many rows as promised."""
    if promised != found:
        yield f"promised {_count(promised, short(entity), short(entity))} in total, found {found}"


def _count(number: int, one: str, many: str) -> str:
    return f"1 {one}" if number == 1 else f"{number or 'no'} {many}"
