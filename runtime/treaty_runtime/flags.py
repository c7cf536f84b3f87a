"""Feature flags: what is behind one is not there for those for whom it is off.

A flag that nobody turned is off. Turned on, it is so for everybody, for a share of all tenants (the same ones as it
grows), or for single ones; what is said of a single tenant holds whatever is said of the others.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.calls import Call
from treaty_runtime.errors import OperatorError
from treaty_runtime.refusals import NotFound
from treaty_runtime.service import Service
from treaty_runtime.tenants import check_tenant

__all__ = ["EVERYBODY", "NOBODY", "FlagProblem", "Standing", "is_in_share", "list_flags", "require_flag", "turn"]

EVERYBODY = 100  # percent
NOBODY = 0

_OF_TENANT = text("""
    SELECT f.percent, t.is_on FROM (SELECT CAST(:flag AS text) AS flag) AS asked
    LEFT JOIN treaty.flag AS f ON f.name = asked.flag
    LEFT JOIN treaty.flag_tenant AS t ON t.flag = asked.flag AND t.tenant = :tenant
""")
_TURN = text("""
    INSERT INTO treaty.flag (name, percent, changed_at) VALUES (:flag, :percent, :now)
    ON CONFLICT (name) DO UPDATE SET percent = excluded.percent, changed_at = excluded.changed_at
""")
_TURN_FOR_TENANT = text("""
    INSERT INTO treaty.flag_tenant (flag, tenant, is_on, changed_at) VALUES (:flag, :tenant, :is_on, :now)
    ON CONFLICT (flag, tenant) DO UPDATE SET is_on = excluded.is_on, changed_at = excluded.changed_at
""")
_FORGET_TENANTS = text("DELETE FROM treaty.flag_tenant WHERE flag = :flag")
_LIST = text("""
    SELECT asked.flag, coalesce(f.percent, 0), f.changed_at,
        coalesce((SELECT array_agg(tenant ORDER BY tenant) FROM treaty.flag_tenant
            WHERE flag = asked.flag AND is_on), '{}'),
        coalesce((SELECT array_agg(tenant ORDER BY tenant) FROM treaty.flag_tenant
            WHERE flag = asked.flag AND NOT is_on), '{}')
    FROM unnest(CAST(:flags AS text[])) AS asked (flag) LEFT JOIN treaty.flag AS f ON f.name = asked.flag
    ORDER BY asked.flag
""")


class FlagProblem(OperatorError):
    """The flag cannot be turned."""


@dataclass(frozen=True, slots=True)
class Standing:
    """For whom a flag is on: `percent` of the tenants, and those `on` and `off` by name. `None`: never turned."""

    flag: str
    percent: int
    changed_at: datetime | None
    on: list[UUID]
    off: list[UUID]


async def require_flag(system: AsyncConnection, call: Call) -> None:
    """Raise `NotFound` when the operation is behind a flag that is off here: as if there were no such path."""
    flag = call.operation.flag
    if flag is None:
        return
    percent, of_tenant = (await system.execute(_OF_TENANT, {"flag": flag, "tenant": call.tenant_id})).one()
    if not (is_in_share(flag, call.tenant_id, percent or NOBODY) if of_tenant is None else of_tenant):
        raise NotFound()


async def turn(service: Service, flag: str, *, percent: int, tenants: tuple[UUID, ...] = ()) -> None:
    """Turn a flag on for `percent` of all tenants (100: everybody, 0: nobody); with `tenants`, for these alone.

    Turned off for everybody, it is off for the single ones too. Raises `FlagProblem` for a flag that no operation is
    behind, and `UnknownTenant`.
    """
    _check_flag(service, flag)
    for tenant in tenants:
        await check_tenant(service, tenant)
    said: dict[str, Any] = {"flag": flag, "now": service.clock.now()}
    async with service.database.system() as system:
        for tenant in tenants:
            await system.execute(_TURN_FOR_TENANT, {**said, "tenant": tenant, "is_on": percent == EVERYBODY})
        if not tenants:
            await system.execute(_TURN, {**said, "percent": percent})
            if percent == NOBODY:
                await system.execute(_FORGET_TENANTS, {"flag": flag})


async def list_flags(service: Service) -> list[Standing]:
    """How every flag of the contracts stands."""
    async with service.database.system() as system:
        return [Standing(*row) for row in await system.execute(_LIST, {"flags": _known(service)})]


def is_in_share(flag: str, tenant: UUID | None, percent: int) -> bool:
    """Whether a tenant is among the share. Each flag draws its own lots; without a tenant, only everybody counts."""
    if tenant is None:
        return percent >= EVERYBODY
    lot = int.from_bytes(hashlib.sha256(f"{flag}:{tenant}".encode()).digest()[:8]) % EVERYBODY
    return lot < percent


def _known(service: Service) -> list[str]:
    return sorted({operation.flag for operation in service.definition.operations if operation.flag})


def _check_flag(service: Service, flag: str) -> None:
    if flag not in _known(service):
        names = ", ".join(_known(service)) or "none"
        raise FlagProblem(f"No operation is behind a flag {flag}. The flags of the contracts: {names}.")
