"""Rows that are deleted by age say since when, belong to a tenant, and are referred to by nobody."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.model import Entity, EntityRef, Field, Keep, Scalar
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at `keep` of every entity."""
    for entity in book.model.entities.values():
        if entity.keep is None:
            continue
        yield from _time(book, entity, entity.keep)
        if entity.tenant is None or entity.is_tenant:
            yield Finding(
                book.parsed(entity.header.key).key_at("keep"),
                "Only the rows of tenants grow old, and these are none.",
                "Add `tenant:` and a reference to it, or take `keep` away.",
            )
        if entity.partition is None:
            for field in referring(book, entity):
                yield Finding(
                    field.at,
                    f"Rows of `{entity.header.name}` are deleted by age, and this reference would hold them back.",
                    f"Keep the row's id: `{field.name}: uuid`.",
                )


def referring(book: Book, target: Entity) -> Iterator[Field]:
    """The fields that refer to rows of an entity."""
    for entity in book.model.entities.values():
        for field in entity.fields:
            if field.type == EntityRef(target.header.key):
                yield field


def _time(book: Book, entity: Entity, keep: Keep) -> Iterator[Finding]:
    field = keep.after
    if field.at in book.unresolved:
        return
    at = book.parsed(entity.header.key).at("keep", "after")
    if entity.partition and field is not entity.partition.by:
        yield Finding(
            at,
            f"Whole partitions are dropped, and they are made by `{entity.partition.by.name}`.",
            f"Write `after: {entity.partition.by.name}`.",
        )
    elif field.type != Scalar("datetime"):
        yield Finding(at, f"`{field.name}` is not a datetime.", "Name a field that says since when a row is kept.")
    elif field.optional:
        yield Finding(
            at, f"A row without `{field.name}` would be kept for ever.", "Take `optional` away, or name another field."
        )


RULE = Rule("entity-keep", "What is deleted by itself is old, and nothing needs it any more.", check)
