"""Both sides compared: every change, with the contract whose readers it concerns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from treaty.diff.base import ChangeClass, Found, Reader
from treaty.diff.catalogue import contracts, events, jobs, operations, stored, webhooks
from treaty.diff.entities import compare_entities
from treaty.diff.fields import FieldComparison
from treaty.diff.headers import compare_headers
from treaty.diff.jobs import compare_jobs
from treaty.diff.operations import compare_operations, no_longer_emitted
from treaty.diff.phrases import compare_phrases
from treaty.diff.side import Side, Sides
from treaty.diff.types import compare_types
from treaty.diff.views import PAYLOAD
from treaty.diff.webhooks import compare_webhooks
from treaty.diff.wording import was
from treaty.resolve.model import Event, Header, Job, Model, Operation


class Seen(NamedTuple):
    """A change, and the contract whose readers it concerns: as NEW calls it, as OLD does when it is gone."""

    key: str
    found: Found


def compare(sides: Sides) -> Iterator[Seen]:
    """Every change, each once."""
    yield from dict.fromkeys((*_contracts(sides), *_phrases(sides)))


class _Family(NamedTuple):
    """Contracts that are compared with each other, and what it is when one is gone, new, or called otherwise."""

    of: Callable[[Model], Mapping[str, Any]]
    compare: Callable[[Any, Any, Sides], Iterator[Found]]
    removed: ChangeClass | None = None
    added: ChangeClass | None = None
    renamed: ChangeClass | None = None


def compare_events(old: Event, new: Event, sides: Sides) -> Iterator[Found]:
    """What became of an event."""
    if old.type != new.type:
        at, side = sides.word(old.header, new.header, "type")
        yield Found(events.EVENT_TYPE_CHANGED, at, f"`type` {was(old.type, new.type)}.", side)
    yield from FieldComparison(sides, PAYLOAD).fields(old.payload, new.payload)


def _nothing(_old: object, _new: object, _sides: Sides) -> Iterator[Found]:
    yield from ()


_FAMILIES = (
    _Family(
        lambda model: model.operations,
        compare_operations,
        operations.OPERATION_REMOVED,
        operations.OPERATION_ADDED,
        operations.OPERATION_RENAMED,
    ),
    _Family(lambda model: model.jobs, compare_jobs, jobs.JOB_REMOVED, jobs.JOB_ADDED),
    _Family(lambda model: model.webhooks, compare_webhooks, webhooks.WEBHOOK_REMOVED, webhooks.WEBHOOK_ADDED),
    _Family(lambda model: model.events, compare_events, events.EVENT_REMOVED, events.EVENT_ADDED, events.EVENT_RENAMED),
    _Family(lambda model: model.entities, compare_entities, stored.ENTITY_REMOVED, stored.ENTITY_ADDED),
    _Family(lambda model: model.types, compare_types, contracts.TYPE_REMOVED, contracts.TYPE_ADDED),
    _Family(lambda model: model.vocabularies, _nothing),  # their phrases are compared across all of them
)


def _contracts(sides: Sides) -> Iterator[Seen]:
    for family in _FAMILIES:
        old, new = family.of(sides.old.model), family.of(sides.new.model)
        for key, contract in old.items():
            now = sides.now(key)
            if now in new:
                yield from (Seen(now, found) for found in _pair(contract, new[now], family, sides))
            else:
                yield from (Seen(key, found) for found in _gone(contract, family, sides))
        known = {sides.now(key) for key in old}
        for key, contract in new.items():
            if family.added and key not in known and not _was_something_else(key, old, sides):
                yield Seen(key, Found(family.added, contract.header.at, f"This {contract.header.kind} is new."))


def _was_something_else(key: str, family: Mapping[str, Any], sides: Sides) -> bool:
    """Whether a contract of another kind had this key, or one that could not be understood."""
    return (key in sides.old.headers and key not in family) or sides.old.lacks(key)


def _pair(old: Any, new: Any, family: _Family, sides: Sides) -> Iterator[Found]:
    if old.header.plain_key != new.header.plain_key and family.renamed:
        yield Found(family.renamed, sides.new.word_at(new.header.key, "key"), f"It was called `{old.header.key}`.")
    yield from compare_headers(old.header, new.header, sides)
    yield from family.compare(old, new, sides)


def _gone(contract: Any, family: _Family, sides: Sides) -> Iterator[Found]:
    """What there is to say of a contract that is gone, or is something else by the same key."""
    header: Header = contract.header
    if sides.new.lacks(header.key):
        return
    other = sides.new.headers.get(header.key)
    if other is not None and other.kind != header.kind:
        at = sides.new.word_at(other.key, "kind")
        yield Found(contracts.KIND_CHANGED, at, f"This is a contract of kind `{other.kind}`; it was `{header.kind}`.")
    elif family.removed:
        yield Found(family.removed, header.at, f"This {header.kind} is gone.", "old")
    if isinstance(contract, Operation | Job):
        yield from no_longer_emitted(contract.emits, sides)


def _phrases(sides: Sides) -> Iterator[Seen]:
    for found in compare_phrases(sides):
        side: Side = getattr(sides, found.side)
        yield Seen(side.keys_by_path[found.at.path], found)


_READERS = {
    "command": Reader.CALLERS,
    "query": Reader.CALLERS,
    "job": Reader.BEHAVIOUR,
    "webhook": Reader.BEHAVIOUR,
    "type": Reader.CALLERS,
    "event": Reader.CONSUMERS,
    "entity": Reader.STORED,
    "vocabulary": Reader.BEHAVIOUR,
}


def reader(found: Found, header: Header) -> Reader:
    """Whom a change concerns: what its class says, or who reads contracts of that kind."""
    return found.kind.reader or _READERS[header.kind]
