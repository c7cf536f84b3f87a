"""One entity may be the membership list of the tenants: it holds a person and a role."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diagnostics import Location
from treaty.resolve.model import Entity, Field, Scalar, TypeRef
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at `grants` of every entity."""
    first: Entity | None = None
    for key, entity in book.model.entities.items():
        if entity.grants is None:
            continue
        at = book.parsed(key).key_at("grants")
        if first:
            yield Finding(
                at, f"`{first.header.key}` is the list of memberships already.", "Keep one entity with `grants`."
            )
        elif entity.tenant is None or entity.is_tenant:
            yield Finding(
                at,
                "A membership belongs to a tenant, and these rows belong to none.",
                "Add `tenant:` and a reference to it.",
            )
        first = first or entity
        owner = book.parsed(key)
        yield from _field(book, entity.grants.person, owner.at("grants", "person"), may_be_enum=False)
        yield from _field(book, entity.grants.role, owner.at("grants", "role"), may_be_enum=True)


def _field(book: Book, field: Field, at: Location, *, may_be_enum: bool) -> Iterator[Finding]:
    if field.at in book.unresolved:
        return
    is_enum = isinstance(field.type, TypeRef) and (
        field.type.key not in book.model.types or bool(book.model.types[field.type.key].values)
    )
    if field.type != Scalar("string") and not (may_be_enum and is_enum):
        wanted = "a string or an enumeration" if may_be_enum else "a string: it is compared with the token's `sub`"
        yield Finding(at, f"`{field.name}` is not {wanted}.", "Name another field, or change its type.")
    elif field.optional:
        yield Finding(
            at, f"`{field.name}` may be absent, and then nobody is granted anything.", "Take `optional` away."
        )


RULE = Rule("entity-grants", "Who may act in a tenant is read from one place.", check)
