"""A webhook finds the one tenant that an event is about, when a job works for tenants."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.contract.parse import Parsed
from treaty.contract.webhook import WebhookContract
from treaty.resolve.model import Entity, Field, Scalar, Webhook
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at `tenant` of every webhook, and at the field that it names."""
    for key, webhook in book.model.webhooks.items():
        owner = book.parsed(key)
        yield from _said(book, owner, webhook)
        entity = book.model.tenant_entity
        if webhook.tenant and entity:
            yield from _field(book, owner, webhook.tenant.by, entity)


def _said(book: Book, owner: Parsed[WebhookContract], webhook: Webhook) -> Iterator[Finding]:
    if owner.contract.tenant is not None:
        if book.model.tenant_entity is None and not book.contracts.broken:
            yield Finding(
                owner.key_at("tenant"),
                "No entity is the tenant.",
                "Delete `tenant`, or write `tenant: id` in the entity whose rows are the tenants.",
            )
        return
    for handling in webhook.handles:
        job = book.model.jobs[handling.job]
        if job.each_tenant:
            yield Finding(
                owner.at("handles", handling.position, "job"),
                f"`{handling.job}` works for a tenant, and nothing says whose an event is.",
                "Write `tenant: {by: …, from: $.data.object.customer}` in the webhook.",
            )


def _field(book: Book, owner: Parsed[WebhookContract], field: Field, entity: Entity) -> Iterator[Finding]:
    at = owner.at("tenant", "by")
    if field.at in book.unresolved:
        return
    if field.type != Scalar("string"):
        yield Finding(at, f"`{field.name}` is not a string.", "Name the field that holds the customer's id.")
    elif (field,) not in entity.unique:
        yield Finding(
            at,
            f"Two rows of `{entity.header.name}` may have the same `{field.name}`.",
            f"Write `unique: [[{field.name}]]` there.",
        )


RULE = Rule("webhook-tenant", "An event of one customer must never move another one's data.", check)
