"""One request, one unit of work, one transaction: what an implementation is handed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.concerned_rows import Change
from treaty_runtime.models import Entity, Event
from treaty_runtime.refusals import NotFound

__all__ = ["Principal", "UnitOfWork"]


RowT = TypeVar("RowT", bound=Entity)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a person (`id` is the token's subject) or a service (`id` is the API key's id).

    `scopes` are the operations and namespaces that an API key is for; empty for all of them, and for a person.
    """

    kind: Literal["person", "service", "anonymous"]
    id: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()


@dataclass(slots=True)
class UnitOfWork:
    """The transaction of one request, with what the implementation may know of the request.

    `session` sees the tenant's rows only (row-level security). The implementation never commits: the pipeline does,
    after it has checked the output and the events. `now` is the service's clock, in UTC.
    """

    session: AsyncSession
    principal: Principal
    tenant_id: UUID | None
    now: datetime
    request_id: str
    events: list[Event] = field(default_factory=list)
    repeated: bool = False

    @property
    def tenant(self) -> UUID:
        """The tenant of the request. Raises `RuntimeError` in an anonymous operation, which has none."""
        if self.tenant_id is None:
            raise RuntimeError("an anonymous operation has no tenant; give its contract `policy: {auth: user}`")
        return self.tenant_id

    async def get(self, entity: type[RowT], key: UUID) -> RowT:
        """The row of `entity` with this primary key. Raises `NotFound`, for another tenant's row too."""
        row = await self.session.get(entity, key)
        if row is None:
            raise NotFound(f"There is no {entity.__name__} with this id.")
        return row

    def concerns(self, entity: type[Entity], key: UUID, change: Change) -> None:
        """Say what a statement of one's own did to a row, so that the audit knows; of the session's rows it does."""
        self.session.info["rows"].note(entity, key, change)

    def emit(self, event: Event) -> None:
        """Tell an event: it is stored with the transaction and delivered after the commit, at least once.

        An event that the operation's contract does not name under `emits` makes the request fail with a 500.
        """
        self.events.append(event)

    def mark_repeated(self) -> None:
        """Say that this request repeats one carried out before: answered with 200, nothing was done again."""
        self.repeated = True
