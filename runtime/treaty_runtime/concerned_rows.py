"""Which rows a transaction read and wrote, for the audit: noted as the session loads and flushes them.

Of a statement that writes past the session (`insert(…)`, `update(…)`, `delete(…)`) it is noted that it did, with the id
`*`; whoever sends one can name the rows with `UnitOfWork.concerns`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm import Session as ORMSession
from sqlmodel import Session

from treaty_runtime.models import Entity

__all__ = ["Change", "ConcernedRows", "WatchedSession"]

Change = Literal["read", "added", "changed", "deleted"]
UNSEEN = "*"
MOST = 100  # rows named in one record; of what goes beyond, the record says how many
STRONGEST: tuple[Change, ...] = ("read", "changed", "added", "deleted")


@dataclass(slots=True)
class ConcernedRows:
    """The rows, each once, with the most that was done to it."""

    _changes: dict[tuple[str, Any], Change] = field(default_factory=dict)
    _counted: int = 0

    def note(self, entity: type[Entity], key: Any, change: Change) -> None:
        """Remember what was done to a row."""
        row = (entity.KEY, key)
        before = self._changes.get(row)
        self._changes[row] = change if before is None else max(before, change, key=STRONGEST.index)

    def thin_out(self) -> None:
        """Of what there is no room for, keep the number only. For rows without end: none but the last comes again."""
        beyond = list(self._changes)[MOST:-1]
        self._counted += len(beyond)
        for row in beyond:
            del self._changes[row]

    def as_json(self) -> list[dict[str, Any]]:
        """For the record: first what was written, then what was read, as far as there is room for it."""
        ordered = sorted(self._changes.items(), key=lambda item: item[1] == "read")
        listed: list[dict[str, Any]] = [
            {"entity": entity, "id": str(key), "change": change} for (entity, key), change in ordered[:MOST]
        ]
        more = len(ordered) - len(listed) + self._counted
        return [*listed, {"more": more}] if more else listed


class WatchedSession(Session):
    """A session that notes its rows in `info["rows"]`, when somebody put `ConcernedRows` there."""


@event.listens_for(WatchedSession, "loaded_as_persistent")
def _loaded(session: Session, row: object) -> None:
    _note(session, row, "read")


@event.listens_for(WatchedSession, "after_flush")
def _flushed(session: Session, *_: Any) -> None:
    for row in session.new:
        _note(session, row, "added")
    for row in session.dirty:
        if session.is_modified(row):
            _note(session, row, "changed")
    for row in session.deleted:
        _note(session, row, "deleted")


@event.listens_for(WatchedSession, "do_orm_execute")
def _sent(state: ORMExecuteState) -> None:
    """A statement that writes rows which the session does not see."""
    change: Change | None = (
        "added" if state.is_insert else "changed" if state.is_update else "deleted" if state.is_delete else None
    )
    if change and state.bind_mapper and issubclass(state.bind_mapper.class_, Entity):
        _note_key(state.session, state.bind_mapper.class_, UNSEEN, change)


def _note(session: Session, row: object, change: Change) -> None:
    if isinstance(row, Entity):
        parts = inspect(type(row)).primary_key_from_instance(row)
        _note_key(session, type(row), parts[0] if len(parts) == 1 else ",".join(map(str, parts)), change)


def _note_key(session: ORMSession, entity: type[Entity], key: Any, change: Change) -> None:
    rows = session.info.get("rows")
    if isinstance(rows, ConcernedRows):
        rows.note(entity, key, change)
