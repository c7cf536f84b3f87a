"""Rows in partitions are appended at the service's own time, belong to a tenant, and are referred to by nobody."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.model import Entity, Field
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book
from treaty.rules.entity_keep import referring


def check(book: Book) -> Iterator[Finding]:
    """Look at `partition` of every entity."""
    for entity in book.model.entities.values():
        if entity.partition is None:
            continue
        yield from _time(book, entity, entity.partition.by)
        yield from _rows(book, entity)
        for field in referring(book, entity):
            yield Finding(
                field.at,
                f"Rows of `{entity.header.name}` are kept in partitions, so no foreign key can refer to one.",
                f"Keep the row's id: `{field.name}: uuid`.",
            )


def _time(book: Book, entity: Entity, field: Field) -> Iterator[Finding]:
    """The service decides on the partition: a caller who could would make any number of them."""
    if field.at in book.unresolved:
        return
    if not field.is_stamped or field.optional:
        yield Finding(
            book.parsed(entity.header.key).at("partition", "by"),
            f"`{field.name}` is not a time that the service gives to every row.",
            "Name a field such as `recordedAt: {type: datetime, default: now}`.",
        )


def _rows(book: Book, entity: Entity) -> Iterator[Finding]:
    at = book.parsed(entity.header.key).key_at("partition")
    if not entity.append_only:
        yield Finding(
            at,
            "A row that is changed might have to move to another partition.",
            "Say `appendOnly: true`, or take `partition` away.",
        )
    if entity.tenant is None or entity.is_tenant:
        yield Finding(
            at,
            "Partitions are for the rows that tenants add, and these are none.",
            "Add `tenant:` and a reference to it, or take `partition` away.",
        )


RULE = Rule("entity-partition", "A row stays in the partition that it was put into.", check)
