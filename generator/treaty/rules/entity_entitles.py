"""One entity may say what tenants are entitled to: it holds a feature, and since when it is not paid for any more."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diagnostics import Location
from treaty.resolve.model import Entitles, Entity, Field, Scalar
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at `entitles` of every entity."""
    first: Entity | None = None
    for key, entity in book.model.entities.items():
        if entity.entitles is None:
            continue
        at = book.parsed(key).key_at("entitles")
        if first:
            yield Finding(
                at,
                f"`{first.header.key}` says already what tenants are entitled to.",
                "Keep one entity with `entitles`.",
            )
        elif entity.tenant is None or entity.is_tenant:
            yield Finding(
                at,
                "What is entitled is a tenant, and these rows belong to none.",
                "Add `tenant:` and a reference to it.",
            )
        first = first or entity
        yield from _fields(book, key, entity.entitles)


def _fields(book: Book, key: str, entitles: Entitles) -> Iterator[Finding]:
    owner = book.parsed(key)
    yield from _feature(book, entitles.feature, owner.at("entitles", "feature"))
    yield from _lapsed(book, entitles.lapsed, owner.at("entitles", "lapsed"))


def _feature(book: Book, field: Field, at: Location) -> Iterator[Finding]:
    if field.at not in book.unresolved and (field.type != Scalar("string") or field.optional):
        yield Finding(
            at,
            f"`{field.name}` is not a string that is always there: it is compared with what policies name.",
            "Name another field, or change its type to `string`.",
        )


def _lapsed(book: Book, field: Field, at: Location) -> Iterator[Finding]:
    if field.at not in book.unresolved and (field.type != Scalar("datetime") or not field.optional):
        yield Finding(
            at,
            f"`{field.name}` is not an `optional datetime`: while a feature is paid for, it is absent.",
            "Name another field, or change its type to `optional datetime`.",
        )


RULE = Rule("entity-entitles", "What is paid for is read from one place.", check)
