"""How the columns of one table change, and which changes cannot be made safely."""

from __future__ import annotations

from collections.abc import Iterator

from treaty_runtime.migrations.changes import AddColumn, AlterColumn, Change, DropColumn, FillNulls
from treaty_runtime.migrations.protection import append_only
from treaty_runtime.migrations.snapshot import Column, Table
from treaty_runtime.migrations.types import keeps_every_value

__all__ = ["column_changes", "column_problems", "dropped_columns"]


def column_changes(name: str, old: Table, new: Table) -> Iterator[Change]:
    """Columns that are new or altered. `old` has the renames applied."""
    for column, definition in new.columns.items():
        before = old.columns.get(column)
        if before is None:
            yield AddColumn(table=name, name=column, column=definition)
            continue
        if before.nullable and not definition.nullable and definition.default is not None:
            yield FillNulls(
                table=name,
                name=column,
                default=definition.default,
                forced=old.tenant is not None and new.tenant is not None,
                append_only=old.append_only and [*append_only(name, old)] == [*append_only(name, new)],
            )
        if _stored(before) != _stored(definition):
            yield AlterColumn(table=name, name=column, old=before, new=definition)


def dropped_columns(name: str, old: Table, new: Table) -> Iterator[Change]:
    """Columns that are gone."""
    for column, definition in old.columns.items():
        if column not in new.columns:
            yield DropColumn(table=name, name=column, column=definition)


def column_problems(name: str, old: Table, new: Table) -> Iterator[str]:
    """What cannot be done to a table that may have rows, and what to write instead."""
    for column, definition in new.columns.items():
        before = old.columns.get(column)
        if before is None:
            if _needs_value(definition):
                yield (
                    f"{name}.{column} is new and required, but rows that exist have no value for it. In {new.entity}, "
                    "give the field a `default`, make it `optional`, or say `renamedFrom` if it had another name."
                )
            continue
        if before.nullable and _needs_value(definition):
            yield (
                f"{name}.{column} is no longer optional, but rows may have no value for it. "
                f"In {new.entity}, give the field a `default` to fill them with, or leave it `optional`."
            )
        if not keeps_every_value(before.type, definition.type):
            yield (
                f"{name}.{column} changes from {before.type} to {definition.type}, which may not hold its values. "
                f"In {new.entity}, add a field with another name and the new type, fill it in a revision written "
                "by hand, and remove the old one later."
            )


def _needs_value(column: Column) -> bool:
    return not column.nullable and column.default is None


def _stored(column: Column) -> tuple[str, bool, str | None]:
    return column.type, column.nullable, column.default
