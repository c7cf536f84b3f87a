"""Who calls: an API key or an access token becomes an identity, with the tenants it belongs to and its roles there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.calls import Call
from treaty_runtime.credentials import KEY_MARK, ApiKey, Token
from treaty_runtime.memberships import memberships_of
from treaty_runtime.refusals import Forbidden, Refusal, Unauthenticated, Unavailable
from treaty_runtime.unit_of_work import Principal

__all__ = ["Identity", "Presented", "authenticate", "read_credentials"]

Presented = ApiKey | Token | Refusal
"""What came with a call: credentials, or why they can't be read, to be said in its turn."""

USED_AT_PRECISION = timedelta(minutes=1)  # a write per call would cost more than the answer is worth

_KEY = text("""
    SELECT id, hash, tenant, roles, scopes, revoked_at, last_used_at FROM treaty.api_key WHERE prefix = :prefix
""")
_USED = text("UPDATE treaty.api_key SET last_used_at = :now WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller whose credentials hold. Without tenants in the contracts, its roles are those in the tenant `None`.

    `scopes` are the operations and namespaces that an API key is for; empty for all of them, and for a person.
    """

    kind: Literal["person", "service"]
    id: str
    roles: Mapping[UUID | None, frozenset[str]]
    scopes: frozenset[str] = frozenset()


async def read_credentials(call: Call) -> Presented:
    """What came with the call, as far as it can be judged without the database, which keeps no connection waiting."""
    try:
        text = _bearer(call)
        if text.startswith(KEY_MARK):
            return ApiKey.parse(text)
        return await Token.read(text, call.service.settings, call.service.signing_keys, call.now)
    except (Unauthenticated, Unavailable) as refusal:
        return refusal


async def authenticate(system: AsyncConnection, call: Call, presented: Presented) -> Identity:
    """Whose credentials came with the call. Raises `Unauthenticated`, or `Forbidden` where only services may go."""
    match presented:
        case ApiKey():
            identity = await _service(system, call, presented)
        case Token():
            identity = await _person(system, call, presented)
        case refusal:
            raise refusal
    call.principal = Principal(identity.kind, identity.id)
    if call.operation.auth == "service" and identity.kind != "service":
        raise Forbidden("Only services with an API key may do this.")
    return identity


def _bearer(call: Call) -> str:
    header = call.request.headers.get("authorization", "")
    if not header:
        raise Unauthenticated()
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        raise Unauthenticated("The header Authorization must be: Bearer, a space, and a token or an API key.")
    return credentials.strip()


async def _service(system: AsyncConnection, call: Call, key: ApiKey) -> Identity:
    row = (await system.execute(_KEY, {"prefix": key.prefix})).one_or_none()
    if not key.matches(bytes(row.hash) if row else None) or row is None:
        raise Unauthenticated("This is no API key of this service.", guessed=True)
    if row.revoked_at is not None and row.revoked_at <= call.now:
        raise Unauthenticated("This API key was revoked.")
    if row.last_used_at is None or row.last_used_at <= call.now - USED_AT_PRECISION:
        await system.execute(_USED, {"id": row.id, "now": call.now})
    tenant = row.tenant if call.service.definition.tenant else None
    return Identity("service", str(row.id), {tenant: frozenset(row.roles)}, frozenset(row.scopes))


async def _person(system: AsyncConnection, call: Call, token: Token) -> Identity:
    definition = call.service.definition
    if definition.tenant is None:
        return Identity("person", token.subject, {None: token.roles})
    if definition.memberships is None:
        return Identity("person", token.subject, {token.tenant: token.roles} if token.tenant else {})
    roles = await memberships_of(system, definition.memberships, token.subject)
    if token.tenant is not None:  # the token opens this one door only
        roles = {tenant: held for tenant, held in roles.items() if tenant == token.tenant}
    return Identity("person", token.subject, roles)
