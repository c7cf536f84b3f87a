"""Which tenants a person belongs to, with which roles: read from the entity that the contracts name for it."""

from __future__ import annotations

from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.definition import Memberships

__all__ = ["memberships_of"]


async def memberships_of(
    system: AsyncConnection, memberships: Memberships, person: str
) -> dict[UUID | None, frozenset[str]]:
    """The person's roles by tenant. It is not known yet which tenant is meant, so the system role looks."""
    entity: Any = memberships.entity
    who, role, tenant = (
        getattr(entity, memberships.person),
        getattr(entity, memberships.role),
        getattr(entity, entity.TENANT),
    )
    known_as = _as_stored(person, who.type.python_type)
    if known_as is None:
        return {}
    roles: dict[UUID | None, set[str]] = {}
    for of, held in await system.execute(select(tenant, role).where(who == known_as)):
        roles.setdefault(of, set()).add(str(held.value if isinstance(held, Enum) else held))
    return {of: frozenset(held) for of, held in roles.items()}


def _as_stored(person: str, stored_as: type) -> Any:
    """The subject of a token as its column holds it; `None` for a subject that no row can have."""
    if stored_as is not UUID:
        return person
    try:
        return UUID(person)
    except ValueError:
        return None
