"""Many rows in one parameter: a statement over `json_to_recordset` has one shape, however many rows it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, Insert, String, bindparam, cast, column, func, insert, select

from treaty_runtime.models import Entity

__all__ = ["insertion", "recordset"]


def recordset(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as a JSON array, for a parameter that is cast to `json`: UUIDs, times and JSON data as they are."""
    return to_json(list(rows)).decode()


@cache
def insertion(entity: type[Entity], columns: tuple[str, ...]) -> Insert:
    """The statement that inserts rows of `entity`, given as `rows` with these columns."""
    table = entity.metadata.tables[str(entity.__tablename__)]
    given = (
        func.json_to_recordset(cast(bindparam("rows", type_=String), JSON))
        .table_valued(*(column(name, table.c[name].type) for name in columns))
        .render_derived("given", with_types=True)
    )
    return insert(table).from_select(list(columns), select(*given.c), include_defaults=False)
