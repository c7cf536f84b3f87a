"""All contracts to one linked model."""

from __future__ import annotations

from typing import Any, cast

from treaty.contract.base import Contract
from treaty.contract.parse import Contracts, Parsed
from treaty.resolve.context import Context
from treaty.resolve.data import entity, event, shared_type
from treaty.resolve.defaults import Merged, merge
from treaty.resolve.headers import header
from treaty.resolve.jobs import job
from treaty.resolve.model import Entity, Event, Header, Job, Model, Operation, Type, Vocabulary
from treaty.resolve.operations import operation
from treaty.resolve.phrases import vocabulary


def link(contracts: Contracts) -> tuple[Model, Context, dict[str, Merged]]:
    """The model, what could not be linked (in the context), and what the folders added, by key."""
    context = Context(contracts)
    operations: dict[str, Operation] = {}
    events: dict[str, Event] = {}
    entities: dict[str, Entity] = {}
    types: dict[str, Type] = {}
    vocabularies: dict[str, Vocabulary] = {}
    jobs: dict[str, Job] = {}
    enqueued: list[tuple[Parsed[Any], Header]] = []
    merged = {}
    for key, parsed in sorted(contracts.parsed.items()):
        found = merged[key] = merge(cast("Parsed[Contract]", parsed), contracts)
        head = header(parsed, found)
        source: Parsed[Any] = parsed
        match head.kind:
            case "job":
                enqueued.append((source, head))  # linked when all events are known
            case "event":
                events[key] = event(source, head, context)
            case "entity":
                entities[key] = entity(source, head, context)
            case "type":
                types[key] = shared_type(source, head, context)
            case "vocabulary":
                vocabularies[key] = vocabulary(source, head, context)
            case _:
                operations[key] = operation(source, head, found, context)
    for source, head in enqueued:
        jobs[head.key] = job(source, head, events, context)
    return Model(operations, events, entities, types, vocabularies, jobs), context, merged
