"""One request, one unit of work, one transaction: what an implementation is handed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.concerned_rows import Change
from treaty_runtime.jobs.orders import Order
from treaty_runtime.models import Entity, Event, Shape
from treaty_runtime.refusals import NotFound, Stale

if TYPE_CHECKING:
    from treaty_runtime.jobs.descriptor import Job

__all__ = ["Principal", "UnitOfWork", "require_revision"]


RowT = TypeVar("RowT", bound=Entity)
InputT = TypeVar("InputT", bound=Shape)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a person (`id` is the token's subject), a service (the API key's id), or a job (its key).

    `scopes` are the operations and namespaces that an API key is for; empty for all of them, and for a person.
    """

    kind: Literal["person", "service", "anonymous", "job"]
    id: str
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()


def require_revision(row: Entity | None, revision: int | None) -> None:
    """Raise `Stale` when the row is not there, or not at the revision that the caller saw.

    It is of an entity with `revision: true`. Callers who leave the revision out change the row whatever it is.
    """
    if revision is not None and getattr(row, "revision", None) != revision:
        raise Stale


@dataclass(slots=True)
class UnitOfWork:
    """The transaction of one request or job, with what the implementation may know of it.

    `session` sees the tenant's rows only (row-level security). The implementation never commits: the pipeline does,
    after it has checked the output and the events. `now` is the service's clock, in UTC.

    `job_id` is the number of the job, the same in every attempt: an idempotency key for requests to other services.
    """

    session: AsyncSession
    principal: Principal
    tenant_id: UUID | None
    now: datetime
    request_id: str
    events: list[Event] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    repeated: bool = False
    job_id: int | None = None

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

    def concerns(self, entity: type[Entity], key: UUID, change: Change) -> None:
        """Say what a statement of one's own did to a row, so that the audit knows; of the session's rows it does."""
        self.session.info["rows"].note(entity, key, change)

    def emit(self, event: Event) -> None:
        """Tell an event: it is stored with the transaction and delivered after the commit, at least once.

        An event that the operation's contract does not name under `emits` makes the request fail with a 500.
        """
        self.events.append(event)

    def enqueue(self, job: Job[InputT, Any], payload: InputT, *, after: timedelta | None = None) -> None:
        """Have a job done: it is enqueued with the transaction, and begun after the commit, `after` a while if given.

        A job of one tenant is this tenant's. Of a job that says `once`, nothing is added while one waits or runs.
        Raises `ContractBroken` for an input that is not the job's or is another tenant's.
        """
        due_at = self.now + after if after else None
        self.orders.append(Order.of(job, payload, self.tenant_id, self.request_id, due_at))

    def mark_repeated(self) -> None:
        """Say that this request repeats one carried out before: answered with 200, nothing was done again."""
        self.repeated = True
