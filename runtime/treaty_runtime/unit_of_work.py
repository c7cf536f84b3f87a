"""One request, one unit of work, one transaction: what an implementation is handed. Batches share the transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.models import Entity, Event, Input
from treaty_runtime.recordsets import insertion, recordset
from treaty_runtime.refusals import NotFound

__all__ = ["Item", "Principal", "Telling", "Transaction", "UnitOfWork"]

RowT = TypeVar("RowT", bound=Entity)
InputT = TypeVar("InputT", bound=Input)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a person (`id` is the token's subject) or a service (`id` is the API key's id)."""

    kind: Literal["person", "service", "anonymous"]
    id: str
    roles: frozenset[str] = frozenset()


@dataclass
class Transaction:
    """What an implementation works in: one transaction that sees the rows of one tenant only (row-level security).

    The implementation never commits: the pipeline does, after it has checked the outputs and the events. `now` is the
    service's clock, in UTC.
    """

    session: AsyncSession
    tenant_id: UUID | None
    now: datetime

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

    async def insert_many(self, entity: type[Entity], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of `entity` with one statement. Each names the same columns, primary key included."""
        if rows:
            connection = await self.session.connection()
            await connection.execute(insertion(entity, tuple(rows[0])), {"rows": recordset(rows)})


@dataclass(kw_only=True)
class Telling:
    """One request as an implementation sees it: who asks, and what is told of it beside the answer."""

    principal: Principal
    request_id: str
    events: list[Event] = field(default_factory=list)
    repeated: bool = False

    def emit(self, event: Event) -> None:
        """Tell an event: it is stored with the transaction and delivered after the commit, at least once.

        An event that the operation's contract does not name under `emits` makes the request fail with a 500.
        """
        self.events.append(event)

    def mark_repeated(self) -> None:
        """Say that this request repeats one carried out before: answered with 200, nothing was done again."""
        self.repeated = True


@dataclass
class UnitOfWork(Telling, Transaction):
    """The transaction of one request, and the request."""


@dataclass
class Item(Telling, Generic[InputT]):
    """One request of many that share a transaction (`batch: true`): its validated input, and its own events."""

    payload: InputT
