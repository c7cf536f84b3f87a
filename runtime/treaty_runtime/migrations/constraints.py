"""How the constraints and indexes of one table change; one that only follows a renamed column keeps its work."""

from __future__ import annotations

from collections.abc import Iterator

from treaty_runtime.migrations.changes import AddConstraint, Constraint, DropConstraint, RenameConstraint
from treaty_runtime.migrations.renames import same_condition
from treaty_runtime.migrations.snapshot import Table

__all__ = ["constraint_changes"]


def constraint_changes(
    name: str, old: Table, new: Table
) -> tuple[list[DropConstraint], list[RenameConstraint], list[AddConstraint]]:
    """What is dropped, renamed and added. `old` has the renames of columns applied."""
    before, after = _all(old), _all(new)
    gone = {key: item for key, item in before.items() if key not in after or not _same(item, after[key])}
    come = {key: item for key, item in after.items() if key not in before or not _same(before[key], item)}
    renamed = dict(_renamed(gone, come))
    drops = [DropConstraint(table=name, name=key, constraint=item) for key, item in gone.items() if key not in renamed]
    adds = [
        AddConstraint(table=name, name=key, constraint=item)
        for key, item in come.items()
        if key not in renamed.values()
    ]
    moves = [RenameConstraint(table=name, kind=gone[a].kind, old=a, new=b) for a, b in renamed.items()]
    return drops, moves, adds


def _all(table: Table) -> dict[str, Constraint]:
    """All constraints and indexes but the primary key, by name."""
    return {
        **{name: Constraint("unique", columns) for name, columns in table.unique.items()},
        **{name: Constraint("check", condition) for name, condition in table.checks.items()},
        **{name: Constraint("index", columns) for name, columns in table.indexes.items()},
        **{name: Constraint("foreignkey", key) for name, key in table.foreign_keys.items()},
    }


def _renamed(gone: dict[str, Constraint], come: dict[str, Constraint]) -> Iterator[tuple[str, str]]:
    left = {key: item for key, item in come.items() if key not in gone}
    for key, item in gone.items():
        if key in come:
            continue
        match = next((other for other, candidate in left.items() if _same(item, candidate)), None)
        if match is not None:
            del left[match]
            yield key, match


def _same(one: Constraint, other: Constraint) -> bool:
    if isinstance(one.definition, str) and isinstance(other.definition, str):
        return one.kind == other.kind and same_condition(one.definition, other.definition)
    return one == other
