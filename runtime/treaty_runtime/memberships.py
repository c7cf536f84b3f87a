"""Which tenants a person belongs to, with which roles: read from the entity that the contracts name for it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, literal, select

from treaty_runtime.definition import Memberships

__all__ = ["memberships_of", "roles_by_tenant", "stored_person"]


@cache
def memberships_of(memberships: Memberships, beside: ColumnElement[Any]) -> Select[Any]:
    """A query for the roles of a `person` (`tenant`, `role`), one row or more, each with the column `beside` first.

    It is not known yet which tenant is meant, so the system role asks. Without a membership both are NULL.
    """
    entity: Any = memberships.entity
    role, tenant = getattr(entity, memberships.role), getattr(entity, entity.TENANT)
    one = select(literal(1)).subquery("one")
    held = one.outerjoin(entity, _who(memberships) == bindparam("person"))
    return select(beside, tenant.label("tenant"), role.label("role")).select_from(held)


def stored_person(memberships: Memberships, subject: str) -> Any:
    """The subject of a token as its column holds it; `None` for a subject that no row can have."""
    if _who(memberships).type.python_type is not UUID:
        return subject
    try:
        return UUID(subject)
    except ValueError:
        return None


def roles_by_tenant(rows: Iterable[Row[Any]]) -> dict[UUID | None, frozenset[str]]:
    """What the query of `memberships_of` found."""
    roles: dict[UUID | None, set[str]] = {}
    for row in rows:
        if row.tenant is not None:
            roles.setdefault(row.tenant, set()).add(str(row.role.value if isinstance(row.role, Enum) else row.role))
    return {of: frozenset(held) for of, held in roles.items()}


def _who(memberships: Memberships) -> Any:
    return getattr(memberships.entity, memberships.person)
