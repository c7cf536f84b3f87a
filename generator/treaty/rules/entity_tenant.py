"""Rows belong to a tenant: one entity is the tenant, others refer to it."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diagnostics import Location
from treaty.resolve.model import Entity, EntityRef, Field
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at `tenant` of every entity."""
    entities = book.model.entities
    tenants = [entity for entity in entities.values() if entity.is_tenant]
    for extra in tenants[1:]:
        yield Finding(
            _at(book, extra), f"`{tenants[0].header.key}` is the tenant already.", "Keep one entity with `tenant: id`."
        )
    first_without = True
    for entity in entities.values():
        if entity.tenant is None or entity.is_tenant or entity.tenant.at in book.unresolved:
            continue
        if not tenants and not book.contracts.broken:
            if first_without:
                yield Finding(
                    _at(book, entity),
                    "No entity is the tenant.",
                    "Write `tenant: id` in the entity whose rows are the tenants.",
                )
            first_without = False
        elif tenants:
            yield from _reference(book, entity, entity.tenant, tenants[0])


def _reference(book: Book, entity: Entity, field: Field, tenant: Entity) -> Iterator[Finding]:
    name = tenant.header.name
    if not isinstance(field.type, EntityRef):
        yield Finding(
            _at(book, entity),
            f"`{field.name}` is no reference to `{name}`, the tenant.",
            f"Name a field such as `organization: {name}`, or write `id` in the tenant itself.",
        )
    elif field.type.key != tenant.header.key and not any(field.type.key == key for key in book.contracts.broken):
        yield Finding(
            _at(book, entity),
            f"`{field.name}` refers to `{field.type.key}`, which is not the tenant.",
            f"Name a reference to `{name}`.",
        )
    elif field.optional:
        yield Finding(field.at, f"`{field.name}` says whose row it is, so it can't be absent.", "Take `optional` away.")


def _at(book: Book, entity: Entity) -> Location:
    return book.parsed(entity.header.key).at("tenant")


RULE = Rule("entity-tenant", "Row-level security needs to know whose row it is.", check)
