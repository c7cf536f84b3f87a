"""Which tenants persons belong to, with which roles: read from the entity that the contracts name for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.definition import Memberships

__all__ = ["Roles", "memberships_of"]


Roles = Mapping[str, Mapping[UUID | None, frozenset[str]]]
"""By person, the roles in each of their tenants."""


async def memberships_of(system: AsyncConnection, memberships: Memberships, persons: Iterable[str]) -> Roles:
    """The roles of these persons. It is not known yet which tenant is meant, so the system role looks."""
    entity: Any = memberships.entity
    who, role, tenant = (
        getattr(entity, memberships.person),
        getattr(entity, memberships.role),
        getattr(entity, entity.TENANT),
    )
    stored = {_as_stored(person, who.type.python_type): person for person in persons}
    stored.pop(None, None)
    roles: dict[str, dict[UUID | None, frozenset[str]]] = {}
    if stored:
        for person, of, held in await system.execute(select(who, tenant, role).where(who.in_(list(stored)))):
            there = roles.setdefault(stored[person], {})
            there[of] = there.get(of, frozenset()) | {str(held.value if isinstance(held, Enum) else held)}
    return roles


def _as_stored(person: str, stored_as: type) -> Any:
    """The subject of a token as its column holds it; `None` for a subject that no row can have."""
    if stored_as is not UUID:
        return person
    try:
        return UUID(person)
    except ValueError:
        return None
