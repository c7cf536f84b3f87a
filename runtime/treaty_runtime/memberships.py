"""Which tenants a person belongs to, with which roles: read from the entity that the contracts name for it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, false, literal, select

from treaty_runtime.definition import Memberships

__all__ = ["memberships_of", "roles_by_tenant"]


def memberships_of(memberships: Memberships, person: str, beside: ColumnElement[Any]) -> Select[Any]:
    """A query for the person's roles (`tenant`, `role`), one row or more, each with the column `beside` first.

    It is not known yet which tenant is meant, so the system role asks. Without a membership both are NULL.
    """
    entity: Any = memberships.entity
    who, role, tenant = (
        getattr(entity, memberships.person),
        getattr(entity, memberships.role),
        getattr(entity, entity.TENANT),
    )
    known_as = _as_stored(person, who.type.python_type)
    one = select(literal(1)).subquery("one")
    held = one.outerjoin(entity, false() if known_as is None else who == known_as)
    return select(beside, tenant.label("tenant"), role.label("role")).select_from(held)


def roles_by_tenant(rows: Iterable[Row[Any]]) -> dict[UUID | None, frozenset[str]]:
    """What the query of `memberships_of` found."""
    roles: dict[UUID | None, set[str]] = {}
    for row in rows:
        if row.tenant is not None:
            roles.setdefault(row.tenant, set()).add(str(row.role.value if isinstance(row.role, Enum) else row.role))
    return {of: frozenset(held) for of, held in roles.items()}


def _as_stored(person: str, stored_as: type) -> Any:
    """The subject of a token as its column holds it; `None` for a subject that no row can have."""
    if stored_as is not UUID:
        return person
    try:
        return UUID(person)
    except ValueError:
        return None
