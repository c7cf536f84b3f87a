"""An order: that a job be carried out, for whom, with which input. It waits in the queue's table as a row."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.models import Shape
from treaty_runtime.observability.tracing import TRACEPARENT
from treaty_runtime.wire import ContractBroken, wire

if TYPE_CHECKING:
    from treaty_runtime.jobs.descriptor import Job

__all__ = ["QUEUE", "Order", "enqueue", "enqueue_for_tenants", "put_into_queue", "put_one_into_queue"]

QUEUE = "treaty"

# The unique index on what waits or runs by `queueing_lock` decides between two that are ordered at the same time.
_INSERT = text("""
    INSERT INTO treaty.procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, scheduled_at)
    VALUES (:queue, :job, :lock, :once, CAST(:arguments AS jsonb), :due_at)
    ON CONFLICT DO NOTHING
""")
_INSERT_ONE = text(f"{_INSERT} RETURNING id")
_SPEAK_FOR = text("SELECT set_config('app.tenant', :tenant, true)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One job to be carried out. `once` tells it from others of which only one may wait or run; jobs of one `lock` run
    one after the other, in the order in which they were put into the queue. `due_at` is `None` for at once.
    """

    job: str
    tenant: UUID | None
    input: dict[str, Any]
    request_id: str
    once: str | None = None
    lock: str | None = None
    due_at: datetime | None = None

    @classmethod
    def of(
        cls,
        job: Job[Any, Any],
        payload: Shape,
        tenant: UUID | None,
        request_id: str,
        due_at: datetime | None = None,
    ) -> Self:
        """The order of `job`. Raises `ContractBroken` for an input that is not the job's, or is another tenant's."""
        if type(payload) is not job.input:
            raise ContractBroken(f"{job.key} takes {job.input.__name__}, and {type(payload).__name__} was given.")
        if job.each_tenant and tenant is None:
            raise ContractBroken(f"{job.key} works for a tenant, and was enqueued by what has none.")
        own = tenant if job.each_tenant else None
        if job.tenant_field and getattr(payload, job.tenant_field) != own:
            raise ContractBroken(f"{job.key} was enqueued with the {job.tenant_field} of another tenant.")
        values = json.loads(wire(job.key, payload))
        once = f"{job.key} {own or ''} {getattr(payload, job.once)}" if job.once else None
        return cls(job=job.key, tenant=own, input=values, request_id=request_id, once=once, due_at=due_at)

    @property
    def arguments(self) -> dict[str, Any]:
        """What stands in the queue, and is read again by whoever carries it out."""
        tenant = str(self.tenant) if self.tenant else None
        traced = {"traceparent": traceparent} if (traceparent := TRACEPARENT.get()) else {}
        return {"tenant": tenant, "input": self.input, "request_id": self.request_id, **traced}


async def enqueue(session: AsyncSession, orders: Iterable[Order]) -> None:
    """Enqueue what an implementation ordered, with its transaction."""
    connection = await session.connection()
    for order in orders:  # one by one: many at once would be waited for, amid what travels together
        await connection.execute(_INSERT, _row(order))


async def enqueue_for_tenants(session: AsyncSession, orders: Iterable[Order]) -> None:
    """Enqueue what was ordered by what works for no tenant, for whichever tenant each order is.

    The database lets nobody order for a tenant whom they do not speak for, so each is spoken for while that is done.
    """
    connection = await session.connection()
    for order in orders:
        await connection.execute(_SPEAK_FOR, {"tenant": str(order.tenant or "")})
        await connection.execute(_INSERT, _row(order))
    await connection.execute(_SPEAK_FOR, {"tenant": ""})


async def put_one_into_queue(connection: AsyncConnection, order: Order) -> int | None:
    """The same for one, and its number; `None` when it was not added."""
    return (await connection.execute(_INSERT_ONE, _row(order))).scalar()


async def put_into_queue(connection: AsyncConnection, orders: Iterable[Order]) -> None:
    """Enqueue in the transaction of `connection`; what waits or runs already, of what may only once, is not added."""
    if rows := [_row(order) for order in orders]:
        await connection.execute(_INSERT, rows)


def _row(order: Order) -> dict[str, Any]:
    return {
        "queue": QUEUE,
        "job": order.job,
        "lock": order.lock,
        "once": order.once,
        "arguments": json.dumps(order.arguments),
        "due_at": order.due_at,
    }
