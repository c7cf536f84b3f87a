"""API keys: given out once, kept as a hash, revoked by their prefix."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from treaty_runtime.credentials import ApiKey
from treaty_runtime.errors import OperatorError
from treaty_runtime.identifiers import new_id
from treaty_runtime.service import Service

__all__ = ["KeyProblem", "create_key", "revoke_key"]

_INSERT = text("""
    INSERT INTO treaty.api_key (id, prefix, hash, tenant, name, roles, created_at)
    VALUES (:id, :prefix, :hash, :tenant, :name, :roles, :now)
""")
_REVOKE = text("""
    UPDATE treaty.api_key SET revoked_at = coalesce(revoked_at, :now) WHERE prefix = :prefix RETURNING name
""")


class KeyProblem(OperatorError):
    """The key cannot be given out or revoked."""


async def create_key(service: Service, tenant: UUID, name: str, roles: Iterable[str] = ()) -> ApiKey:
    """A new key of a tenant. This is the only time that it can be seen. Raises `KeyProblem` for an unknown tenant."""
    await _check_tenant(service, tenant)
    key = ApiKey.new()
    values = {"id": new_id(), "prefix": key.prefix, "hash": key.hash(), "tenant": tenant, "name": name}
    async with service.database.system() as system:
        await system.execute(_INSERT, {**values, "roles": sorted(set(roles)), "now": service.clock.now()})
    return key


async def revoke_key(service: Service, prefix: str) -> str:
    """Let a key open nothing from now on, and return its name. Raises `KeyProblem` when there is no such key."""
    async with service.database.system() as system:
        name = (await system.execute(_REVOKE, {"prefix": prefix, "now": service.clock.now()})).scalar()
    if name is None:
        raise KeyProblem(f"There is no key with the prefix {prefix}. It is the part between tk_ and the next _.")
    return str(name)


async def _check_tenant(service: Service, tenant: UUID) -> None:
    entity = service.definition.tenant
    if entity is None:
        return
    async with service.database.transaction(tenant=tenant, now=service.clock.now()) as session:
        if await session.get(entity, tenant) is None:
            raise KeyProblem(f"There is no {entity.__name__} with the id {tenant}. Create it first.")
