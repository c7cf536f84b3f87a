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
from treaty.resolve.model import Entity, Event, Header, Job, Model, Operation, Type, Vocabulary, Webhook
from treaty.resolve.operations import operation
from treaty.resolve.phrases import vocabulary
from treaty.resolve.webhooks import webhook


def link(contracts: Contracts) -> tuple[Model, Context, dict[str, Merged]]:
    """The model, what could not be linked (in the context), and what the folders added, by key."""
    context = Context(contracts)
    operations: dict[str, Operation] = {}
    events: dict[str, Event] = {}
    entities: dict[str, Entity] = {}
    types: dict[str, Type] = {}
    vocabularies: dict[str, Vocabulary] = {}
    jobs: dict[str, Job] = {}
    webhooks: dict[str, Webhook] = {}
    enqueued: list[tuple[Parsed[Any], Header]] = []
    told: list[tuple[Parsed[Any], Header]] = []
    merged = {}
    for key, parsed in sorted(contracts.parsed.items()):
        found = merged[key] = merge(cast("Parsed[Contract]", parsed), contracts)
        head = header(parsed, found)
        source: Parsed[Any] = parsed
        match head.kind:
            case "job":
                enqueued.append((source, head))  # linked when all events are known
            case "webhook":
                told.append((source, head))  # and these when all jobs are
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
    tenant = next((item for item in entities.values() if item.is_tenant), None)
    for source, head in told:
        webhooks[head.key] = webhook(source, head, jobs, tenant, context)
    return Model(operations, events, entities, types, vocabularies, jobs, webhooks), context, merged
