"""What generated tables look like from a contract: its field names, its references, its primary key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, inspect
from sqlalchemy.orm import Mapper

from treaty_runtime.acceptance.failures import Mistake
from treaty_runtime.models import Entity

__all__ = ["attribute", "column_of", "identity", "primary_key", "referred_table", "short", "table_of"]


def short(entity: type[Entity]) -> str:
    """The entity's own name, as contracts write it: `UsageEvent`."""
    return entity.KEY.rsplit(".", 1)[-1]


def table_of(entity: type[Entity]) -> Table:
    """The SQLAlchemy table of an entity."""
    table = _mapper(entity).local_table
    assert isinstance(table, Table)  # noqa: S101 - entities are mapped to tables, never to joins
    return table


def primary_key(entity: type[Entity]) -> Column[Any]:
    """The column that identifies a row."""
    return next(iter(table_of(entity).primary_key.columns))


def identity(row: Entity) -> Any:
    """The value that identifies `row`."""
    return getattr(row, _mapper(type(row)).get_property_by_column(primary_key(type(row))).key)


def column_of(entity: type[Entity], key: str) -> Column[Any]:
    """The column of the attribute `key`."""
    (column,) = _mapper(entity).column_attrs[key].columns
    assert isinstance(column, Column)  # noqa: S101 - generated tables hold no expressions
    return column


def attribute(entity: type[Entity], name: str) -> tuple[str, Column[Any]]:
    """The attribute and column of the contract's field `name`: `organization` is kept in `organization_id`."""
    wanted = name.lower()
    known: list[str] = []
    for column in table_of(entity).columns:
        own = column.name.replace("_", "")
        names = {own, own.removesuffix("id")} if referred_table(column) is not None else {own}
        if wanted in names:
            return _mapper(entity).get_property_by_column(column).key, column
        known.append(column.name)
    raise Mistake(f"{short(entity)} has no field `{name}`; its columns are {', '.join(known)}")


def referred_table(column: Column[Any]) -> Table | None:
    """The table whose row `column` names, `None` when it is not a reference."""
    targets = (key.column for key in column.foreign_keys)
    return next((target.table for target in targets if target.primary_key), None)


def _mapper(entity: type[Entity]) -> Mapper[Any]:
    mapper: Mapper[Any] = inspect(entity)
    return mapper
