"""Compares two schemas: the changes that lead from one to the other, in an order that works, or why none do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treaty_runtime.migrations.changes import (
    AddConstraint,
    Change,
    Constraint,
    CreateTable,
    DropConstraint,
    DropTable,
    Protect,
    RenameColumn,
    Unprotect,
)
from treaty_runtime.migrations.columns import column_changes, column_problems, dropped_columns
from treaty_runtime.migrations.constraints import constraint_changes
from treaty_runtime.migrations.protection import protection
from treaty_runtime.migrations.renames import apply_renames, find_renames
from treaty_runtime.migrations.snapshot import Snapshot

__all__ = ["Diff", "compare"]


@dataclass(frozen=True, slots=True)
class Diff:
    """`changes` in the order in which they are made; `problems` say what cannot be made, and what to write."""

    changes: list[Change]
    problems: list[str]


def compare(old: Snapshot, new: Snapshot) -> Diff:
    """The way from `old` to `new`: what stands in the way goes first, then what is new comes, data goes last."""
    renames, problems = find_renames(old, new)
    # Columns get their new names before anything else, so all other changes speak of those.
    tables = _Tables(apply_renames(old, renames), new)
    constraints = [constraint_changes(name, before, after) for name, before, after in tables.kept]
    changes = [
        *(RenameColumn(table=name, old=a, new=b) for name, own in renames.items() for a, b in own.items()),
        *tables.lost_protection(),
        *_foreign_keys_first(
            [change for drops, _, _ in constraints for change in drops], tables.dropped_foreign_keys()
        ),
        *(change for _, moves, _ in constraints for change in moves),
        *tables.creations(),
        *(change for name, before, after in tables.kept for change in column_changes(name, before, after)),
        *_foreign_keys_last([change for _, _, adds in constraints for change in adds], tables.new_foreign_keys()),
        *tables.new_protection(),
        *(change for name, before, after in tables.kept for change in dropped_columns(name, before, after)),
        *(DropTable(table=name, definition=table) for name, table in tables.dropped),
    ]
    return Diff(changes=changes, problems=[*problems, *tables.problems()])


def _foreign_keys_first(changes: list[DropConstraint], foreign_keys: Iterator[Change]) -> Iterator[Change]:
    # They may stand on a unique that is dropped from another table.
    yield from foreign_keys
    yield from (change for change in changes if change.constraint.kind == "foreignkey")
    yield from (change for change in changes if change.constraint.kind != "foreignkey")


def _foreign_keys_last(changes: list[AddConstraint], foreign_keys: Iterator[Change]) -> Iterator[Change]:
    # They may point at a unique that is added to another table.
    yield from (change for change in changes if change.constraint.kind != "foreignkey")
    yield from (change for change in changes if change.constraint.kind == "foreignkey")
    yield from foreign_keys


class _Tables:
    """The tables of two schemas: those that both have, those that are new, those that are gone."""

    def __init__(self, old: Snapshot, new: Snapshot) -> None:
        before, after = old.tables, new.tables
        self.kept = [(name, before[name], table) for name, table in after.items() if name in before]
        self.created = [(name, table) for name, table in after.items() if name not in before]
        self.dropped = [(name, table) for name, table in before.items() if name not in after]

    def problems(self) -> Iterator[str]:
        """What cannot be done to the tables that both have."""
        for name, before, after in self.kept:
            yield from column_problems(name, before, after)
            if before.primary_key != after.primary_key:
                yield (
                    f"{name} changes its primary key from {', '.join(before.primary_key)} to "
                    f"{', '.join(after.primary_key)}. Leave it as it is in {after.entity}, or make a new entity "
                    "and move the rows in a revision written by hand."
                )

    def creations(self) -> Iterator[Change]:
        """New tables with all that is theirs, foreign keys apart: those may go round in a circle."""
        for name, table in self.created:
            yield CreateTable(table=name, definition=table)
            for index, columns in table.indexes.items():
                yield AddConstraint(table=name, name=index, constraint=Constraint("index", columns))
            for statement in protection(name, table):
                yield Protect(table=name, statement=statement)

    def new_foreign_keys(self) -> Iterator[Change]:
        """The foreign keys of new tables."""
        for name, table in self.created:
            for key, definition in table.foreign_keys.items():
                yield AddConstraint(table=name, name=key, constraint=Constraint("foreignkey", definition))

    def dropped_foreign_keys(self) -> Iterator[Change]:
        """The foreign keys of tables that go: in whatever order those go, nothing points at them."""
        for name, table in self.dropped:
            for key, definition in table.foreign_keys.items():
                yield DropConstraint(table=name, name=key, constraint=Constraint("foreignkey", definition))

    def lost_protection(self) -> Iterator[Change]:
        """Statements that are no longer wanted, last made first."""
        for name, before, after in self.kept:
            wanted = protection(name, after)
            for statement in reversed(protection(name, before)):
                if statement not in wanted:
                    yield Unprotect(table=name, statement=statement)

    def new_protection(self) -> Iterator[Change]:
        """Statements that are newly wanted."""
        for name, before, after in self.kept:
            present = protection(name, before)
            for statement in protection(name, after):
                if statement not in present:
                    yield Protect(table=name, statement=statement)
