"""Who calls: an API key or an access token becomes an identity, with the tenants it belongs to and its roles there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    LargeBinary,
    Row,
    Select,
    Text,
    Uuid,
    bindparam,
    column,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.calls import Call
from treaty_runtime.credentials import KEY_MARK, ApiKey, Presented, Token
from treaty_runtime.failed_attempts import BLOCKED_SINCE, about, refuse_after_failed_attempts
from treaty_runtime.memberships import memberships_of, roles_by_tenant, stored_person
from treaty_runtime.refusals import Forbidden, Unauthenticated, Unavailable
from treaty_runtime.unit_of_work import Principal

__all__ = ["Identity", "authenticate", "read_credentials"]

USED_AT_PRECISION = timedelta(minutes=1)  # a write per call would cost more than the answer is worth

_KEY = table(
    "api_key",
    column("id", Uuid),
    column("hash", LargeBinary),
    column("tenant", Uuid),
    column("roles", ARRAY(Text)),
    column("scopes", ARRAY(Text)),
    column("revoked_at", DateTime(timezone=True)),
    column("last_used_at", DateTime(timezone=True)),
    column("prefix", Text),
    schema="treaty",
)
_ONE = select(literal(1)).subquery("one")
_OF_KEY = select(BLOCKED_SINCE, *_KEY.c).select_from(_ONE.outerjoin(_KEY, _KEY.c.prefix == bindparam("prefix")))
_OF_ADDRESS = select(BLOCKED_SINCE)
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
    """What came with the call, as far as it can be judged without the database, which keeps no connection waiting.

    What anybody may call looks at nothing.
    """
    if call.operation.auth == "anonymous":
        return Unauthenticated()
    try:
        text = _bearer(call)
        if text.startswith(KEY_MARK):
            return ApiKey.parse(text)
        return await Token.read(text, call.service.settings, call.service.signing_keys, call.now)
    except (Unauthenticated, Unavailable) as refusal:
        return refusal


async def authenticate(system: AsyncConnection, calls: Sequence[Call]) -> list[tuple[Call, Identity]]:
    """The calls whose credentials hold, each with whose they are.

    The others get `TooManyFailedAttempts` before anything else, `Unauthenticated`, or `Forbidden` where only services
    may go. All that is to be known of a caller is one question to the database, asked once for the calls that came with
    the same credentials; the answer is never kept, so what was revoked opens nothing from then on.
    """
    answers: dict[tuple[Presented, str], Sequence[Row[Any]]] = {}
    known: list[tuple[Call, Identity]] = []
    for call in calls:
        with call.own_setback():
            asked = (call.presented, call.address)
            is_first = asked not in answers
            if is_first:
                answers[asked] = (await system.execute(*_question(call, call.presented))).all()
            refuse_after_failed_attempts(call, answers[asked][0].blocked_since)
            known.append((call, _identity(call, answers[asked])))
            if is_first and isinstance(call.presented, ApiKey):
                await _note_use(system, call, answers[asked][0])
    return known


def _identity(call: Call, known: Sequence[Row[Any]]) -> Identity:
    match call.presented:
        case ApiKey() as key:
            identity = _service(call, key, known[0])
        case Token() as token:
            identity = _person(call, token, known)
        case refusal:
            raise refusal
    call.principal = Principal(identity.kind, identity.id)
    if call.operation.auth == "service" and identity.kind != "service":
        raise Forbidden("Only services with an API key may do this.")
    return identity


async def _note_use(system: AsyncConnection, call: Call, row: Row[Any]) -> None:
    if row.last_used_at is None or row.last_used_at <= call.now - USED_AT_PRECISION:
        await system.execute(_USED, {"id": row.id, "now": call.now})


def _question(call: Call, presented: Presented) -> tuple[Select[Any], dict[str, Any]]:
    """All that is to be known of a caller: the statement, which is made once, and what it is told."""
    memberships = call.service.definition.memberships
    match presented:
        case ApiKey():
            return _OF_KEY, {**about(call), "prefix": presented.prefix}
        case Token() if memberships and call.service.definition.tenant:
            person = stored_person(memberships, presented.subject)
            return memberships_of(memberships, BLOCKED_SINCE), {**about(call), "person": person}
        case _:
            return _OF_ADDRESS, about(call)


def _bearer(call: Call) -> str:
    header = call.request.headers.get("authorization", "")
    if not header:
        raise Unauthenticated()
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        raise Unauthenticated("The header Authorization must be: Bearer, a space, and a token or an API key.")
    return credentials.strip()


def _service(call: Call, key: ApiKey, row: Row[Any]) -> Identity:
    if not key.matches(None if row.hash is None else bytes(row.hash)):
        raise Unauthenticated("This is no API key of this service.", guessed=True)
    if row.revoked_at is not None and row.revoked_at <= call.now:
        raise Unauthenticated("This API key was revoked.")
    tenant = row.tenant if call.service.definition.tenant else None
    return Identity("service", str(row.id), {tenant: frozenset(row.roles)}, frozenset(row.scopes))


def _person(call: Call, token: Token, memberships: Sequence[Row[Any]]) -> Identity:
    definition = call.service.definition
    if definition.tenant is None:
        return Identity("person", token.subject, {None: token.roles})
    if definition.memberships is None:
        return Identity("person", token.subject, {token.tenant: token.roles} if token.tenant else {})
    roles = roles_by_tenant(memberships)
    if token.tenant is not None:  # the token opens this one door only
        roles = {tenant: held for tenant, held in roles.items() if tenant == token.tenant}
    return Identity("person", token.subject, roles)
