"""Delivers what is in the outbox: at least once, each tenant's events in their order, over any number of relays.

A relay takes a tenant by an advisory lock that ends with its transaction, so a relay that dies lets go at once, and
what it had not noted as delivered is delivered again. An event that is not taken holds up its own tenant only, and is
tried again after ever longer pauses; after so many attempts it is given up, holds up nobody, and waits for
`treaty events replay`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.clock import Clock
from treaty_runtime.database import Database
from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.jobs.orders import put_into_queue
from treaty_runtime.jobs.subscribers import Subscribers
from treaty_runtime.logging import failure
from treaty_runtime.outbox import CHANNEL
from treaty_runtime.sinks import OutgoingEvent, Sink

__all__ = ["LISTENER", "POLL_SECONDS", "Relay"]

LISTENER = "treaty relay"  # the name of its connection, by which workers are counted
POLL_SECONDS = 5.0  # for retries that have become due, and for events whose notification was lost
BATCH = 20
FOLLOWED_BATCH = 500
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=10)
LONGEST_ERROR = 500
ATTEMPTS = 50  # some eight hours

_TENANTS = text("""
    SELECT tenant FROM (
        SELECT DISTINCT ON (tenant) tenant, id, next_attempt_at FROM treaty.outbox
        WHERE published_at IS NULL AND given_up_at IS NULL ORDER BY tenant, id
    ) AS first_waiting
    WHERE next_attempt_at IS NULL OR next_attempt_at <= :now
    ORDER BY id
""")
_TAKE_TENANT = text("SELECT pg_try_advisory_xact_lock(hashtextextended('treaty.outbox ' || :tenant, 0))")
# The database would end a transaction that waits for a slow receiver.
_BE_PATIENT = text("SET LOCAL idle_in_transaction_session_timeout = 0")
_TENANTS_TO_FOLLOW = text("""
    SELECT DISTINCT tenant FROM treaty.outbox
    WHERE published_at IS NULL AND given_up_at IS NULL AND NOT enqueued
        AND key || '@' || split_part(version, '.', 1) = ANY (:followed)
""")
_TO_FOLLOW = text(f"""
    SELECT id, event_id, tenant, key, version, payload, request_id FROM treaty.outbox
    WHERE published_at IS NULL AND given_up_at IS NULL AND NOT enqueued
        AND key || '@' || split_part(version, '.', 1) = ANY (:followed)
        AND (tenant = :tenant OR (tenant IS NULL AND :shared))
    ORDER BY id LIMIT {FOLLOWED_BATCH}
""")  # noqa: S608 - a number from above
_FOLLOWED = text("UPDATE treaty.outbox SET enqueued = true WHERE id = ANY (:ids)")
_WAITING = text("""
    SELECT id, event_id, tenant, type, key, version, payload, occurred_at, request_id, traceparent, attempts,
        next_attempt_at, enqueued
    FROM treaty.outbox
    WHERE published_at IS NULL AND given_up_at IS NULL AND (tenant = :tenant OR (tenant IS NULL AND :shared))
    ORDER BY id LIMIT :batch
""")
_DELIVERED = text("""
    UPDATE treaty.outbox SET published_at = :now, attempts = attempts + 1, next_attempt_at = NULL, last_error = NULL
    WHERE id = :id
""")
_NOT_TAKEN = text("""
    UPDATE treaty.outbox
    SET attempts = attempts + 1, next_attempt_at = :next_attempt_at, given_up_at = :given_up_at,
        last_error = :last_error
    WHERE id = :id
""")

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.events")


class Relay:
    """Carries events from the outbox to a sink, and has the jobs enqueued that follow them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sink: Sink,
        jobs: Iterable[Job[Any, Any]] = (),
        *,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sink = sink
        self._subscribers = Subscribers(jobs)
        self._attempts = attempts
        self._stop = asyncio.Event()

    async def drain(self) -> int:
        """Deliver everything that is due, and return how many events were taken, followed or given up."""
        total = 0
        while delivered := await self._pass():
            total += delivered
        return total

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set: at once what comes, and every few seconds what has become due."""
        self._stop = stop
        wake = asyncio.Event()
        listener = asyncio.create_task(self._listen(wake))
        try:
            while not stop.is_set():
                wake.clear()
                await self._drain_or_complain()
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await _first_of(stop, wake)
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    async def _pass(self) -> int:
        followed = await self._follow() if self._subscribers.events else 0
        async with self._database.system() as system:
            tenants = (await system.execute(_TENANTS, {"now": self._clock.now()})).scalars().all()
        return followed + sum([await self._deliver_tenant(tenant) for tenant in tenants if not self._stop.is_set()])

    async def _follow(self) -> int:
        """Enqueue what follows events, first of all: a receiver that does not answer must not hold that up."""
        values = {"followed": self._subscribers.events}
        async with self._database.system() as system:
            tenants = (await system.execute(_TENANTS_TO_FOLLOW, values)).scalars().all()
        return sum([await self._follow_tenant(tenant) for tenant in tenants if not self._stop.is_set()])

    async def _follow_tenant(self, tenant: UUID | None) -> int:
        """Enqueue what follows the next events of one tenant, and say how many those were. Another relay's: none."""
        async with self._database.system() as system:
            if not (await system.execute(_TAKE_TENANT, {"tenant": str(tenant)})).scalar_one():
                return 0
            values = {"tenant": tenant, "shared": tenant is None, "followed": self._subscribers.events}
            rows = (await system.execute(_TO_FOLLOW, values)).all()
            await put_into_queue(system, (order for row in rows for order in self._subscribers.orders(row)))
            await system.execute(_FOLLOWED, {"ids": [row.id for row in rows]})
            return len(rows)

    async def _deliver_tenant(self, tenant: UUID | None) -> int:
        """Deliver the next events of one tenant, up to the first that is not taken. Another relay's tenant: none."""
        async with self._database.system() as system:
            if not (await system.execute(_TAKE_TENANT, {"tenant": str(tenant)})).scalar_one():
                return 0
            await system.execute(_BE_PATIENT)
            values = {"tenant": tenant, "shared": tenant is None, "batch": BATCH}
            delivered = 0
            for row in (await system.execute(_WAITING, values)).all():
                if self._stop.is_set() or self._is_to_follow(row) or not await self._deliver(system, row):
                    break
                delivered += 1
            return delivered

    def _is_to_follow(self, row: Row[tuple[object, ...]]) -> bool:
        """Whether it has come since what follows events was enqueued: the next pass does that."""
        return not row.enqueued and f"{row.key}@{row.version.partition('.')[0]}" in self._subscribers.events

    async def _deliver(self, system: AsyncConnection, row: Row[tuple[object, ...]]) -> bool:
        now = self._clock.now()
        if row.next_attempt_at is not None and row.next_attempt_at > now:
            return False  # another relay tried it a moment ago
        try:
            await self._sink.deliver(_outgoing(row))
        except Exception as error:
            return await self._postpone(system, row, error, now)
        await system.execute(_DELIVERED, {"id": row.id, "now": now})
        return True

    async def _postpone(
        self, system: AsyncConnection, row: Row[tuple[object, ...]], error: Exception, now: datetime
    ) -> bool:
        """Note that an event was not taken, and say whether it is given up: then it holds up nobody any more."""
        pause = min(FIRST_PAUSE * 2 ** min(row.attempts, 20), LONGEST_PAUSE)
        said = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
        attempts = row.attempts + 1
        given_up_at = now if attempts >= self._attempts else None
        values = {"id": row.id, "next_attempt_at": now + pause, "given_up_at": given_up_at, "last_error": said}
        await system.execute(_NOT_TAKEN, values)
        known = {"id": str(row.event_id), "type": row.type, "attempts": attempts, "error": said}
        if given_up_at:
            log.error("event_given_up", **known)
        else:
            log.warning("event_not_taken", **known)
        return given_up_at is not None

    async def _drain_or_complain(self) -> None:
        try:
            await self.drain()
        except Exception as error:
            log.error("relay_failed", **failure(error))  # noqa: TRY400 - it is all there

    async def _listen(self, wake: asyncio.Event) -> None:
        """Wake the relay when an event is stored. Without the connection, polling does."""
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._database.urls.system, autocommit=True, application_name=LISTENER
                )
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    wake.set()
                    async for _ in connection.notifies():
                        wake.set()
            except psycopg.Error as error:
                log.warning("relay_not_listening", **failure(error))
            await asyncio.sleep(POLL_SECONDS)


def _outgoing(row: Row[tuple[object, ...]]) -> OutgoingEvent:
    return OutgoingEvent(
        row.event_id,
        row.tenant,
        row.type,
        row.key,
        row.version,
        row.payload,
        row.occurred_at,
        row.request_id,
        row.traceparent,
    )


async def _first_of(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
