"""API keys: given out once, kept as a hash, listed and revoked by their prefix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from treaty_runtime.credentials import ApiKey
from treaty_runtime.errors import OperatorError
from treaty_runtime.identifiers import new_id
from treaty_runtime.operations import within
from treaty_runtime.service import Service
from treaty_runtime.tenants import check_tenant

__all__ = ["KeptKey", "KeyProblem", "create_key", "list_keys", "revoke_key"]

_INSERT = text("""
    INSERT INTO treaty.api_key (id, prefix, hash, tenant, name, roles, scopes, created_at)
    VALUES (:id, :prefix, :hash, :tenant, :name, :roles, :scopes, :now)
""")
_REVOKE = text("""
    UPDATE treaty.api_key SET revoked_at = coalesce(revoked_at, :now) WHERE prefix = :prefix RETURNING name
""")

_LIST = text("""
    SELECT prefix, name, tenant, roles, scopes, created_at, last_used_at, revoked_at FROM treaty.api_key
    WHERE CAST(:tenant AS uuid) IS NULL OR tenant = :tenant ORDER BY created_at, prefix
""")


class KeyProblem(OperatorError):
    """The key cannot be given out or revoked."""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """What is known of a key that was given out. `last_used_at` is right to the minute."""

    prefix: str
    name: str
    tenant: UUID
    roles: list[str]
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


async def create_key(
    service: Service, tenant: UUID, name: str, roles: Iterable[str] = (), scopes: Iterable[str] = ()
) -> ApiKey:
    """A new key of a tenant, for `scopes` (keys of operations and namespaces; none: all). It is seen this once only.

    Raises `UnknownTenant`, and `KeyProblem` for a scope that no operation is in.
    """
    scopes = sorted(set(scopes))
    _check_scopes(service, scopes)
    await check_tenant(service, tenant)
    key = ApiKey.new()
    values = {"id": new_id(), "prefix": key.prefix, "hash": key.hash(), "tenant": tenant, "name": name}
    async with service.database.system() as system:
        await system.execute(
            _INSERT, {**values, "roles": sorted(set(roles)), "scopes": scopes, "now": service.clock.now()}
        )
    return key


async def revoke_key(service: Service, prefix: str) -> str:
    """Let a key open nothing from now on, and return its name. Raises `KeyProblem` when there is no such key."""
    async with service.database.system() as system:
        name = (await system.execute(_REVOKE, {"prefix": prefix, "now": service.clock.now()})).scalar()
    if name is None:
        raise KeyProblem(f"There is no key with the prefix {prefix}. It is the part between tk_ and the next _.")
    return str(name)


async def list_keys(service: Service, tenant: UUID | None = None) -> list[KeptKey]:
    """All keys, or a tenant's, in the order in which they were made."""
    async with service.database.system() as system:
        return [KeptKey(*row) for row in await system.execute(_LIST, {"tenant": tenant})]


def _check_scopes(service: Service, scopes: Iterable[str]) -> None:
    keys = sorted({operation.key for operation in service.definition.operations})
    for scope in scopes:
        if not any(within(key, scope) for key in keys):
            raise KeyProblem(
                f"No operation is called {scope}, and none is below it. Name one of these, or a part in front of a "
                f"dot: {', '.join(keys)}."
            )
