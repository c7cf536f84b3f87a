"""One request, one unit of work, one transaction: what an implementation is handed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.models import Entity, Event
from treaty_runtime.refusals import NotFound, Stale

__all__ = ["Principal", "UnitOfWork", "require_revision"]


RowT = TypeVar("RowT", bound=Entity)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a person (`id` is the token's subject) or a service (`id` is the API key's id)."""

    kind: Literal["person", "service", "anonymous"]
    id: str
    roles: frozenset[str] = frozenset()


def require_revision(row: Entity | None, revision: int | None) -> None:
    """Raise `Stale` when the row is not there, or not at the revision that the caller saw.

    It is of an entity with `revision: true`. Callers who leave the revision out change the row whatever it is.
    """
    if revision is not None and getattr(row, "revision", None) != revision:
        raise Stale


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

    async def get(self, entity: type[RowT], key: UUID, *, revision: int | None = None) -> RowT:
        """The row of `entity` with this primary key. Raises `NotFound`, for another tenant's row too.

        With `revision`, which the caller has from an earlier answer, raises `Stale` when the row was changed since.
        """
        row = await self.session.get(entity, key)
        if row is None:
            raise NotFound(f"There is no {entity.__name__} with this id.")
        require_revision(row, revision)
        return row

    def emit(self, event: Event) -> None:
        """Tell an event: it is stored with the transaction and delivered after the commit, at least once.

        An event that the operation's contract does not name under `emits` makes the request fail with a 500.
        """
        self.events.append(event)

    def mark_repeated(self) -> None:
        """Say that this request repeats one carried out before: answered with 200, nothing was done again."""
        self.repeated = True
