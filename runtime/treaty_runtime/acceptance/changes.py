"""What the service changed since a moment: rows by entity, and the events it told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, Text, cast, func, literal, literal_column, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.acceptance import tables
from treaty_runtime.models import Entity

if TYPE_CHECKING:
    from treaty_runtime.acceptance.stage import Stage

__all__ = ["Changes", "Moment", "Observer", "Versions"]

Versions = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Moment:
    """The transaction that wrote each row (PostgreSQL's xmin, by entity and id), the last event told, and what webhooks
    have stored.
    """

    versions: Versions
    event: int
    delivered: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows written (added or altered), rows deleted, and events told, since a moment: how many of each key; and what
    webhooks have stored, how much of each state.

    Events are counted by key and major version: two versions of one may be told side by side.
    """

    written: Mapping[str, int]
    deleted: Mapping[str, int]
    events: Mapping[str, int] = field(default_factory=dict)
    deliveries: Mapping[str, int] = field(default_factory=dict)


class Observer:
    """Looks at the database from outside the service."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._versions_of_all = [_versions_of(entity) for entity in stage.definition.entities]

    async def moment(self) -> Moment:
        """The present state."""
        async with self._stage.engine.connect() as connection:
            last = await connection.scalar(text("SELECT coalesce(max(id), 0) FROM treaty.outbox"))
            return Moment(await self._versions(connection), last, frozenset(await _delivered(connection)))

    async def since(self, moment: Moment, own: Versions) -> Changes:
        """What is different from `moment`, apart from `own`: what the scenario itself set up meanwhile."""
        before = {**own, **moment.versions}
        async with self._stage.engine.connect() as connection:
            now = await self._versions(connection)
            told = await connection.execute(
                text("""
                    SELECT key || '@' || split_part(version, '.', 1) AS told, count(*)
                    FROM treaty.outbox WHERE id > :last GROUP BY told
                """),
                {"last": moment.event},
            )
            events: dict[str, int] = dict(told.tuples().all())
            delivered = await _delivered(connection)
        written = Counter(entity for entity, row in now if now[entity, row] != before.get((entity, row)))
        deleted = Counter(entity for entity, row in before if (entity, row) not in now)
        states = Counter(state for key, state in delivered.items() if key not in moment.delivered)
        return Changes(written, deleted, events, states)

    async def total(self, entity: type[Entity]) -> int:
        """How many rows there are; all of them are the scenario's own, because each starts with empty tables."""
        async with self._stage.engine.connect() as connection:
            count = await connection.scalar(select(func.count()).select_from(tables.table_of(entity)))
        return count or 0

    async def _versions(self, connection: AsyncConnection) -> Versions:
        if not self._versions_of_all:
            return {}
        rows = await connection.execute(union_all(*self._versions_of_all))
        return {(str(entity), str(row)): str(version) for entity, row, version in rows.tuples()}


async def _delivered(connection: AsyncConnection) -> dict[tuple[str, str], str]:
    rows = await connection.execute(text("SELECT webhook, event_id, state FROM treaty.webhook_delivery"))
    return {(webhook, event): state for webhook, event, state in rows.tuples()}


def _versions_of(entity: type[Entity]) -> Select[str, str, str]:
    identity = cast(tables.primary_key(entity), Text)
    version: ColumnElement[str] = literal_column("xmin::text")
    return select(literal(entity.KEY), identity, version).select_from(tables.table_of(entity))
