"""Who calls: an API key or an access token becomes an identity, with the tenants it belongs to and its roles there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.calls import Call
from treaty_runtime.credentials import KEY_MARK, ApiKey, Presented, Token
from treaty_runtime.definition import Definition
from treaty_runtime.memberships import Roles, memberships_of
from treaty_runtime.refusals import Forbidden, Unauthenticated, Unavailable
from treaty_runtime.unit_of_work import Principal

__all__ = ["Identity", "authenticate", "read_credentials"]

USED_AT_PRECISION = timedelta(minutes=1)  # a write per call would cost more than the answer is worth

_KEYS = text("""
    SELECT prefix, id, hash, tenant, roles, scopes, revoked_at, last_used_at FROM treaty.api_key
    WHERE prefix = ANY (:prefixes)
""")
# Whoever else is about to say the same has said it.
_USED = text("""
    UPDATE treaty.api_key SET last_used_at = :now
    WHERE id IN (SELECT id FROM treaty.api_key WHERE id = ANY (:ids) FOR UPDATE SKIP LOCKED)
""")


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


async def authenticate(system: AsyncConnection, calls: Sequence[Call]) -> list[tuple[Call, Identity]]:
    """The calls whose credentials hold, each with whose they are.

    The others get `Unauthenticated`, or `Forbidden` where only services may go. Keys and memberships are looked up for
    all of them at once and never kept: what was revoked opens nothing from then on.
    """
    if not calls:
        return []
    keys = await _keys(system, [call.presented.prefix for call in calls if isinstance(call.presented, ApiKey)])
    persons = [call.presented.subject for call in calls if isinstance(call.presented, Token)]
    memberships = await _memberships(system, calls[0].service.definition, persons) if persons else {}
    known: list[tuple[Call, Identity]] = []
    for call in calls:
        with call.own_setback():
            known.append((call, _identity(call, keys, memberships)))
    await _note_use(system, [call for call, _ in known], keys)
    return known


def _bearer(call: Call) -> str:
    header = call.request.headers.get("authorization", "")
    if not header:
        raise Unauthenticated()
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        raise Unauthenticated("The header Authorization must be: Bearer, a space, and a token or an API key.")
    return credentials.strip()


async def _keys(system: AsyncConnection, prefixes: Sequence[str]) -> dict[str, Row[Any]]:
    if not prefixes:
        return {}
    return {row.prefix: row for row in await system.execute(_KEYS, {"prefixes": sorted(set(prefixes))})}


async def _memberships(system: AsyncConnection, definition: Definition, persons: Sequence[str]) -> Roles:
    if definition.tenant is None or definition.memberships is None:
        return {}
    return await memberships_of(system, definition.memberships, set(persons))


def _identity(call: Call, keys: Mapping[str, Row[Any]], memberships: Roles) -> Identity:
    match call.presented:
        case ApiKey() as key:
            identity = _service(call, key, keys.get(key.prefix))
        case Token() as token:
            identity = _person(call, token, memberships.get(token.subject, {}))
        case refusal:
            raise refusal
    call.principal = Principal(identity.kind, identity.id)
    if call.operation.auth == "service" and identity.kind != "service":
        raise Forbidden("Only services with an API key may do this.")
    return identity


def _service(call: Call, key: ApiKey, row: Row[Any] | None) -> Identity:
    if not key.matches(bytes(row.hash) if row else None) or row is None:
        raise Unauthenticated("This is no API key of this service.", guessed=True)
    if row.revoked_at is not None and row.revoked_at <= call.now:
        raise Unauthenticated("This API key was revoked.")
    tenant = row.tenant if call.service.definition.tenant else None
    return Identity("service", str(row.id), {tenant: frozenset(row.roles)}, frozenset(row.scopes))


def _person(call: Call, token: Token, roles: Mapping[UUID | None, frozenset[str]]) -> Identity:
    definition = call.service.definition
    if definition.tenant is None:
        return Identity("person", token.subject, {None: token.roles})
    if definition.memberships is None:
        return Identity("person", token.subject, {token.tenant: token.roles} if token.tenant else {})
    if token.tenant is not None:  # the token opens this one door only
        roles = {tenant: held for tenant, held in roles.items() if tenant == token.tenant}
    return Identity("person", token.subject, roles)


async def _note_use(system: AsyncConnection, calls: Sequence[Call], keys: Mapping[str, Row[Any]]) -> None:
    used = {key.prefix: call.now for call in calls if isinstance(key := call.presented, ApiKey)}
    stale = [
        keys[prefix].id
        for prefix, now in used.items()
        if (before := keys[prefix].last_used_at) is None or before <= now - USED_AT_PRECISION
    ]
    if stale:
        await system.execute(_USED, {"ids": stale, "now": max(used.values())})
