"""Which tenants there are, for whoever names one."""

from __future__ import annotations

from uuid import UUID

from treaty_runtime.errors import OperatorError
from treaty_runtime.service import Service

__all__ = ["UnknownTenant", "check_tenant"]


class UnknownTenant(OperatorError):
    """There is no such tenant."""


async def check_tenant(service: Service, tenant: UUID) -> None:
    """Raise `UnknownTenant` when the contracts know tenants and this is none of them."""
    entity = service.definition.tenant
    if entity is None:
        return
    async with service.database.transaction(tenant=tenant, now=service.clock.now()) as session:
        if await session.get(entity, tenant) is None:
            raise UnknownTenant(f"There is no {entity.__name__} with the id {tenant}. Create it first.")
