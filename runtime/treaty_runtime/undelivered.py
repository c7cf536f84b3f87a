"""Events that wait, or that nobody took in the end, for those who look after them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, text

from treaty_runtime.errors import OperatorError
from treaty_runtime.outbox import CHANNEL
from treaty_runtime.service import Service

__all__ = ["UndeliveredEvent", "discard", "replay", "replay_all", "undelivered"]

_LIST = text("""
    SELECT event_id, tenant, type, occurred_at, attempts, next_attempt_at, given_up_at, last_error
    FROM treaty.outbox WHERE published_at IS NULL AND (given_up_at IS NOT NULL OR NOT :given_up)
    ORDER BY id LIMIT :most
""")
# Sent after what has come since: its place in the order is lost when it is given up.
_REPLAY = text("""
    UPDATE treaty.outbox SET given_up_at = NULL, attempts = 0, next_attempt_at = NULL
    WHERE given_up_at IS NOT NULL AND published_at IS NULL AND (event_id = :id OR :all)
""")
_DISCARD = text("DELETE FROM treaty.outbox WHERE event_id = :id AND given_up_at IS NOT NULL")
_WAKE = text(f"NOTIFY {CHANNEL}")


class EventError(OperatorError):
    """What was asked of an event cannot be done."""


@dataclass(frozen=True, slots=True)
class UndeliveredEvent:
    """An event that has not been taken. What it tells is not shown: it may be nobody's business."""

    id: UUID
    tenant: UUID | None
    type: str
    occurred_at: datetime
    state: Literal["waiting", "given up"]
    attempts: int
    next_attempt_at: datetime | None
    error: str | None


async def undelivered(service: Service, *, given_up: bool, most: int) -> list[UndeliveredEvent]:
    """The oldest events that have not been taken, or only those that were given up."""
    async with service.database.system() as system:
        return [_shown(row) for row in await system.execute(_LIST, {"given_up": given_up, "most": most})]


async def replay(service: Service, event_id: UUID) -> None:
    """Have an event that was given up sent again. Raises `OperatorError` when there is no such event."""
    if await _send_again(service, {"id": event_id, "all": False}) == 0:
        raise EventError(f"No event {event_id} was given up. See `treaty events list --given-up`.")


async def replay_all(service: Service) -> int:
    """Have all events that were given up sent again, and return how many those are."""
    return await _send_again(service, {"id": None, "all": True})


async def discard(service: Service, event_id: UUID) -> None:
    """Forget an event that was given up. Raises `OperatorError` when there is no such event."""
    async with service.database.system() as system:
        if (await system.execute(_DISCARD, {"id": event_id})).rowcount == 0:
            raise EventError(f"No event {event_id} was given up. See `treaty events list --given-up`.")


async def _send_again(service: Service, which: dict[str, Any]) -> int:
    async with service.database.system() as system:
        number = (await system.execute(_REPLAY, which)).rowcount
        await system.execute(_WAKE)
        return number


def _shown(row: Row[Any]) -> UndeliveredEvent:
    return UndeliveredEvent(
        id=row.event_id,
        tenant=row.tenant,
        type=row.type,
        occurred_at=row.occurred_at,
        state="given up" if row.given_up_at else "waiting",
        attempts=row.attempts,
        next_attempt_at=None if row.given_up_at else row.next_attempt_at,
        error=row.last_error,
    )
