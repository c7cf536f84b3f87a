"""Renamed columns: which there are, and what the old schema looks like once they are made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from treaty_runtime.migrations.snapshot import KeyTable, Snapshot, Table

__all__ = ["Renames", "apply_renames", "find_renames", "same_condition"]

Renames = Mapping[str, Mapping[str, str]]  # table -> old name -> new name
QUOTED = re.compile(r"('(?:[^']|'')*')")


def find_renames(old: Snapshot, new: Snapshot) -> tuple[Renames, list[str]]:
    """The columns that say what they were called, and what is wrong with what they say."""
    renames: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for name in sorted(old.tables.keys() & new.tables.keys()):
        before, after = old.tables[name].columns, new.tables[name].columns
        own = renames.setdefault(name, {})
        for column, definition in after.items():
            source = definition.renamed_from
            # A column that is there already was renamed by an earlier revision: its contract may go on saying so.
            if source is None or source not in before or column in before:
                continue
            if source in after or source in own:
                other = source if source in after else own[source]
                problems.append(
                    f"{name}.{column} says `renamedFrom` of {source}, whose values {name}.{other} keeps. "
                    "Take `renamedFrom` away, or rename in a revision of its own."
                )
            else:
                own[source] = column
    return renames, problems


def apply_renames(snapshot: Snapshot, renames: Renames) -> Snapshot:
    """The schema after the renames; constraints keep their names."""
    tables = {name: _renamed(name, table, renames) for name, table in snapshot.tables.items()}
    return snapshot.model_copy(update={"tables": tables})


def _renamed(name: str, table: Table, renames: Renames) -> Table:
    own = renames.get(name, {})

    def follow(columns: tuple[str, ...], names: Mapping[str, str] = own) -> tuple[str, ...]:
        return tuple(names.get(column, column) for column in columns)

    return table.model_copy(
        update={
            "tenant": own.get(table.tenant, table.tenant) if table.tenant else None,
            "columns": {own.get(column, column): definition for column, definition in table.columns.items()},
            "primary_key": follow(table.primary_key),
            "unique": {constraint: follow(columns) for constraint, columns in table.unique.items()},
            "indexes": {index: follow(columns) for index, columns in table.indexes.items()},
            "foreign_keys": {
                constraint: key.model_copy(
                    update={
                        "columns": follow(key.columns),
                        "references": follow(key.references, renames.get(key.table, {})),
                    }
                )
                for constraint, key in table.foreign_keys.items()
            },
            "checks": {constraint: _in_condition(condition, own) for constraint, condition in table.checks.items()},
            **_lifecycle(table, own),
        }
    )


def _lifecycle(table: Table, own: Mapping[str, str]) -> dict[str, Any]:
    """The words that name a column beside keys and constraints."""
    partition, keep = table.partition, table.keep
    renamed: dict[str, Any] = {
        "partition": partition and partition.model_copy(update={"by": own.get(partition.by, partition.by)}),
        "keep": keep and keep.model_copy(update={"after": own.get(keep.after, keep.after)}),
        "keys": {
            name: key.model_copy(update={"columns": tuple(own.get(column, column) for column in key.columns)})
            for name, key in table.keys.items()
        },
    }
    if isinstance(table, KeyTable):
        renamed["optional"] = tuple(own.get(column, column) for column in table.optional)
    return renamed


def _in_condition(condition: str, renames: Mapping[str, str]) -> str:
    """A condition with the columns' new names; what stands in quotes as a text is left alone."""
    if not renames:
        return condition
    names = re.compile(rf"\b({'|'.join(map(re.escape, renames))})\b")
    parts = QUOTED.split(condition)
    return "".join(part if part.startswith("'") else names.sub(lambda found: renames[found[1]], part) for part in parts)


def same_condition(one: str, other: str) -> bool:
    """Whether two conditions are the same but for the quotes around columns' names."""
    return _unquoted(one) == _unquoted(other)


def _unquoted(condition: str) -> str:
    return "".join(part if part.startswith("'") else part.replace('"', "") for part in QUOTED.split(condition))
