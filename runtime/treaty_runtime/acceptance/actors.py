"""Who calls the service in a scenario: people with tokens, service keys of tenants, and nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, UUID, uuid5

from treaty_runtime.acceptance.failures import Mistake
from treaty_runtime.acceptance.rows import Rows, converted
from treaty_runtime.acceptance.tables import column_of

if TYPE_CHECKING:
    from treaty_runtime.acceptance.exchanges import AnyOperation
    from treaty_runtime.acceptance.stage import Stage

__all__ = ["Actors"]

NOBODY = "nobody"
NO_TENANT = UUID(int=0)  # whose keys are where the contracts know no tenants


@dataclass(slots=True)
class Person:
    """Someone with a token: the roles in each tenant, and the tenant they act in now."""

    name: str
    roles: dict[UUID | None, set[str]] = field(default_factory=dict)
    tenant: UUID | None = None


class Actors:
    """The people and service keys of one scenario."""

    def __init__(self, stage: Stage, rows: Rows) -> None:
        self._stage = stage
        self._rows = rows
        self._people: dict[str, Person] = {}
        self._keys: dict[tuple[UUID, tuple[str, ...]], str] = {}
        self._current: tuple[str, tuple[str, ...]] | None = None

    async def enter(self, name: str, tenant: str | None, roles: Sequence[str]) -> None:
        """Make `name` the caller from here on; a person becomes a member of `tenant` with `roles`."""
        self._current = (name, tuple(sorted(roles)))
        if name == NOBODY or self._rows.tenant_named(name) is not None:
            return
        person = self._people.setdefault(name, Person(name))
        if tenant is None and not roles:
            return
        person.tenant = home = self._home(name, tenant)
        granted = person.roles.get(home, set())
        if home not in person.roles or set(roles) - granted:
            new: list[str | None] = [*sorted(set(roles) - granted)]
            await self._join(name, home, new or [None])
            person.roles[home] = granted | set(roles)

    async def credentials(self, actor: str | None, operation: AnyOperation) -> dict[str, str]:
        """The headers that say who calls: `actor`, else the last one that entered, else the scenario's tenant."""
        name, roles = (actor, ()) if actor is not None else self._current or (None, ())
        if name == NOBODY:
            return {}
        if name is None:
            return await self._default(operation)
        if person := self._people.get(name):
            return self._token(person)
        if tenant := self._rows.tenant_named(name):
            return {"Authorization": f"Bearer {await self._key(tenant, roles)}"}
        known = ", ".join(sorted(self._people)) or "nobody yet"
        raise Mistake(
            f"nobody here is called `{name}`: make them a caller first (`actor: {name}`), or create the "
            f"{self._stage.tenant_word} `{name}`; known people: {known}"
        )

    async def _default(self, operation: AnyOperation) -> dict[str, str]:
        tenant = self._rows.tenant if self._stage.definition.tenant else NO_TENANT
        if tenant is not None:
            return {"Authorization": f"Bearer {await self._key(tenant, ())}"}
        if operation.auth == "anonymous":
            return {}
        raise Mistake(f"{operation.identity} needs a caller: {self._stage.tenant_hint}, or say who calls (`actor:`)")

    def _home(self, name: str, tenant: str | None) -> UUID | None:
        if tenant is None:
            return self._rows.tenant
        home = self._rows.tenant_named(tenant)
        if home is None:
            raise Mistake(f"{name} cannot belong to `{tenant}`: no {self._stage.tenant_word} of this name was created")
        return home

    async def _join(self, name: str, home: UUID | None, roles: Sequence[str | None]) -> None:
        memberships = self._stage.definition.memberships
        if memberships is None:
            return  # then the token itself names tenant and roles
        if home is None or memberships.entity.TENANT is None:
            raise Mistake(f"{name} cannot belong to a tenant: {self._stage.tenant_hint}")
        for role in roles:
            person = converted(memberships.entity, memberships.person, self._subject(name))
            values: dict[str, Any] = {memberships.person: person, memberships.entity.TENANT: home}
            if role is not None:
                values[memberships.role] = converted(memberships.entity, memberships.role, role)
            await self._rows.insert(memberships.entity, values)

    def _token(self, person: Person) -> dict[str, str]:
        listed = self._stage.definition.memberships is not None
        roles = () if listed else person.roles.get(person.tenant, ())
        token = self._stage.token(self._subject(person.name), None if listed else person.tenant, roles)
        headers = {"Authorization": f"Bearer {token}"}
        if listed and len(person.roles) > 1:
            headers["Treaty-Tenant"] = str(person.tenant)  # a person with several memberships has to choose
        return headers

    def _subject(self, name: str) -> str:
        """The person as tokens and membership lists know them: the name, or a uuid made of it."""
        memberships = self._stage.definition.memberships
        if memberships is None or column_of(memberships.entity, memberships.person).type.python_type is not UUID:
            return name
        return str(uuid5(NAMESPACE_OID, name))

    async def _key(self, tenant: UUID, roles: tuple[str, ...]) -> str:
        if (tenant, roles) not in self._keys:
            self._keys[tenant, roles] = await self._stage.service_key(tenant, roles)
        return self._keys[tenant, roles]
