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
    FillKeys,
    ForgetKeys,
    MoveRows,
    Protect,
    RenameColumn,
    Statement,
    Unprotect,
)
from treaty_runtime.migrations.columns import column_changes, column_problems, dropped_columns
from treaty_runtime.migrations.constraints import constraint_changes
from treaty_runtime.migrations.keys import trigger, with_key_tables
from treaty_runtime.migrations.protection import protection
from treaty_runtime.migrations.renames import apply_renames, find_renames
from treaty_runtime.migrations.snapshot import KeyTable, Snapshot, Table

__all__ = ["Diff", "compare"]


@dataclass(frozen=True, slots=True)
class Diff:
    """`changes` in the order in which they are made; `problems` say what cannot be made, and what to write."""

    changes: list[Change]
    problems: list[str]


def compare(old: Snapshot, new: Snapshot) -> Diff:
    """The way from `old` to `new`: what stands in the way goes first, then what is new comes, data goes last."""
    old, new = with_key_tables(old), with_key_tables(new)
    renames, problems = find_renames(old, new)
    # Columns get their new names before anything else, so all other changes speak of those.
    tables = _Tables(old, apply_renames(old, renames), new)
    constraints = [constraint_changes(name, before, after) for name, before, after in tables.kept]
    changes = [
        *(
            RenameColumn(table=name, old=a, new=b, noted=a in _noted(old.tables[name]))
            for name, own in renames.items()
            for a, b in own.items()
        ),
        *tables.lost_protection(),
        *_foreign_keys_first(
            [change for drops, _, _ in constraints for change in drops], tables.dropped_foreign_keys()
        ),
        *tables.dropped_keys(),
        *(change for _, moves, _ in constraints for change in moves),
        *(MoveRows(table=name, old=before, new=after) for name, before, after in tables.moved),
        *tables.creations(),
        *(change for name, before, after in tables.kept for change in column_changes(name, before, after)),
        *_foreign_keys_last([change for _, _, adds in constraints for change in adds], tables.new_foreign_keys()),
        *tables.new_protection(),
        *(change for name, before, after in tables.kept for change in dropped_columns(name, before, after)),
        *(DropTable(table=name, definition=table) for name, table in tables.dropped if not isinstance(table, KeyTable)),
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
    """The tables of two schemas: those that both have, those that are new, those that are gone.

    `moved` are those that both have and whose rows must move, because partitions are made with a table; the tables of
    their keys are gone and new.
    """

    def __init__(self, old: Snapshot, renamed: Snapshot, new: Snapshot) -> None:
        before, after = renamed.tables, new.tables
        self._old = old.tables
        both = [(name, before[name], table) for name, table in after.items() if name in before]
        self.moved = [(name, was, now) for name, was, now in both if was.partition != now.partition]
        moving = {name for name, _, _ in self.moved}
        made_anew = moving | {
            name for name, was, now in both if {getattr(was, "of", None), getattr(now, "of", None)} & moving
        }
        made_anew |= {name for name, _, now in both if _writing(name, old.tables[name]) != _writing(name, now)}
        self.kept = [found for found in both if found[0] not in made_anew]
        made_anew -= moving
        self.created = [(name, table) for name, table in after.items() if name not in before or name in made_anew]
        self.dropped = [(name, table) for name, table in before.items() if name not in after or name in made_anew]
        self._references = [
            (name, key.table)
            for name, table in after.items()
            for key in table.foreign_keys.values()
            if key.table in moving
        ]

    def problems(self) -> Iterator[str]:
        """What cannot be done to the tables that both have."""
        for name, target in self._references:
            yield (
                f"{name} refers to {target}, whose rows move to other partitions. Keep the id in a field of type uuid, "
                f"or leave the partitions of {target} as they are."
            )
        for name, before, after in (*self.kept, *self.moved):
            if isinstance(after, KeyTable):
                continue  # its columns are those of its table
            yield from column_problems(name, before, after)
            if _identity(before) != _identity(after):
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
            if isinstance(table, KeyTable) and table.of not in dict(self.created):
                yield FillKeys(table=name, definition=table)

    def dropped_keys(self) -> Iterator[Change]:
        """The tables of keys that are no longer wanted, and what writes them: before others take their names."""
        for name, table in self.dropped:
            if isinstance(table, KeyTable):
                yield ForgetKeys(table=name, definition=table)
                # Functions go by the names of columns before these were renamed, and come back before that is undone.
                kept = [item for item in protection(name, table) if item not in _writing(name, table)]
                for statement in reversed([*kept, *_writing(name, self._old[name])]):
                    yield Unprotect(table=name, statement=statement)
                yield DropTable(table=name, definition=table)

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
        for name, table in self.dropped:
            if not isinstance(table, KeyTable):
                for statement in reversed(protection(name, table)):
                    if statement.apart:
                        yield Unprotect(table=name, statement=statement)
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


def _identity(table: Table) -> tuple[str, ...]:
    """The primary key, without the column that partitions add to it."""
    return tuple(column for column in table.primary_key if not table.partition or column != table.partition.by)


def _writing(name: str, table: Table) -> list[Statement]:
    """What writes the keys of new rows into a table."""
    return list(trigger(name, table)) if isinstance(table, KeyTable) else []


def _noted(table: Table) -> set[str]:
    """The columns that stand in `treaty.lifecycle`."""
    noted = {table.partition.by} if table.partition else set()
    return noted | ({table.keep.after} if table.keep else set())
