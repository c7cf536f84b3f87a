"""One request, one unit of work, one transaction: what an implementation is handed. Batches share the transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.concerned_rows import Change, ConcernedRows
from treaty_runtime.jobs.orders import Order
from treaty_runtime.models import Entity, Event, Shape
from treaty_runtime.observability.tracing import TRACEPARENT
from treaty_runtime.recordsets import insertion, recordset
from treaty_runtime.refusals import NotFound, Stale
from treaty_runtime.settings import Settings
from treaty_runtime.wire import ContractBroken

if TYPE_CHECKING:
    from treaty_runtime.jobs.descriptor import Job

__all__ = ["Item", "Principal", "Telling", "Transaction", "UnitOfWork", "require_revision"]

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


@dataclass(kw_only=True)
class OfTenant:
    """Something of one tenant, at one moment: `now` is the service's clock, in UTC."""

    tenant_id: UUID | None
    now: datetime

    @property
    def tenant(self) -> UUID:
        """The tenant of the request. Raises `RuntimeError` in an anonymous operation, which has none."""
        if self.tenant_id is None:
            raise RuntimeError("an anonymous operation has no tenant; give its contract `policy: {auth: user}`")
        return self.tenant_id


@dataclass(kw_only=True)
class Transaction(OfTenant):
    """What an implementation works in: one transaction that sees the rows of one tenant only (row-level security).

    The implementation never commits: the pipeline does, after it has checked the outputs and the events.
    """

    session: AsyncSession

    async def get(self, entity: type[RowT], key: UUID, *, revision: int | None = None) -> RowT:
        """The row of `entity` with this primary key. Raises `NotFound`, for another tenant's row too.

        With `revision`, which the caller has from an earlier answer, raises `Stale` when the row was changed since.
        """
        row = await self.session.get(entity, key)
        if row is None:
            raise NotFound(f"There is no {entity.__name__} with this id.")
        require_revision(row, revision)
        return row

    async def insert_many(self, entity: type[Entity], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of `entity` with one statement, past the session. Each names the same columns, its key included.

        Whose audit record is to name them says so with `concerns`.
        """
        if rows:
            connection = await self.session.connection()
            await connection.execute(insertion(entity, tuple(rows[0])), {"rows": recordset(rows)})


@dataclass(kw_only=True)
class Telling(OfTenant):
    """One request or job as an implementation sees it: who asks, and what is told of it beside the answer."""

    principal: Principal
    request_id: str
    events: list[Event] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    rows: ConcernedRows = field(default_factory=ConcernedRows)
    repeated: bool = False

    def concerns(self, entity: type[Entity], key: UUID, change: Change) -> None:
        """Say what a statement of one's own did to a row, so that the audit knows; of the session's rows it does."""
        self.rows.note(entity, key, change)

    def emit(self, event: Event) -> None:
        """Tell an event: it is stored with the transaction and delivered after the commit, at least once.

        An event that the operation's contract does not name under `emits` makes the request fail with a 500.
        """
        self.events.append(event)

    def enqueue(
        self, job: Job[InputT, Any], payload: InputT, *, after: timedelta | None = None, tenant: UUID | None = None
    ) -> None:
        """Have a job done: it is enqueued with the transaction, and begun after the commit, `after` a while if given.

        A job of one tenant is this tenant's; what works for no tenant itself, such as a job that hears from elsewhere
        about many, says which `tenant` the job is of. Of a job that says `once`, nothing is added while one waits or
        runs. Raises `ContractBroken` for an input that is not the job's or is another tenant's.
        """
        if tenant is not None and self.tenant_id not in (None, tenant):
            raise ContractBroken(f"{job.key} was enqueued for another tenant than the one it was enqueued by.")
        due_at = self.now + after if after else None
        self.orders.append(Order.of(job, payload, tenant or self.tenant_id, self.request_id, due_at))

    def mark_repeated(self) -> None:
        """Say that this request repeats one carried out before: answered with 200, nothing was done again."""
        self.repeated = True


@dataclass(kw_only=True)
class UnitOfWork(Transaction, Telling):
    """The transaction of one request or job, and the request or job.

    `settings` are the service's. `job_id` is the number of the job, the same in every attempt: an idempotency key for
    requests to other services.
    """

    settings: Settings
    job_id: int | None = None

    def count(self, what: str, by: int = 1) -> None:
        """Count something that a job found or did, for the metrics, once it is committed: `treaty_job_counts_total`.

        `what` is one of few short names. Raises `RuntimeError` in an operation: those are counted by their answers.
        """
        if self.principal.kind != "job":
            raise RuntimeError(
                "only a job counts; requests are counted by their operation and the code they are answered"
            )
        self.counts[what] += by

    @property
    def traceparent(self) -> str | None:
        """Where it stands in a trace, if there is one."""
        return TRACEPARENT.get()


@dataclass(kw_only=True)
class Item(Telling, Generic[InputT]):
    """One request of many that share a transaction (`batch: true`): its validated input, and its own events.

    The session can't tell which rows are whose, so an item says by itself which it `concerns`.
    """

    payload: InputT
