"""`schema.json`: the database schema that the contracts ask for, as plain data that migrations are made from."""

from __future__ import annotations

from typing import Any

from treaty.emit.tables import ColumnView, TableView, table_view
from treaty.emit.text import json_file
from treaty.resolve.model import Model

FORMAT = 1


def emit_snapshot(model: Model) -> str:
    """The text of the snapshot."""
    tables = (table_view(entity, model) for entity in model.entities.values())
    return json_file({"format": FORMAT, "tables": {table.name: _table(table) for table in sorted(tables, key=_name)}})


def _name(table: TableView) -> str:
    return table.name


def _table(table: TableView) -> dict[str, Any]:
    return {
        "entity": table.entity.header.key,
        "tenant": table.tenant,
        "appendOnly": table.entity.append_only,
        "systemReads": table.entity.grants is not None,
        "columns": {column.name: _column(column) for column in table.columns},
        "primaryKey": list(table.primary_key),
        "unique": {name: list(columns) for name, columns in sorted(table.unique.items())},
        "indexes": {name: list(columns) for name, columns in sorted(table.indexes.items())},
        "foreignKeys": {
            name: {"columns": list(key.columns), "table": key.table, "references": list(key.references)}
            for name, key in sorted(table.foreign_keys.items())
        },
        "checks": dict(sorted(table.checks.items())),
        "partition": {"by": table.partition.by, "every": table.partition.every} if table.partition else None,
        "keep": {"for": table.keep.interval, "after": table.keep.after} if table.keep else None,
        "keys": {name: {"name": key.name, "columns": list(key.columns)} for name, key in sorted(table.keys.items())},
    }


def _column(column: ColumnView) -> dict[str, Any]:
    return {
        "type": column.type,
        "nullable": column.nullable,
        "default": column.default,
        "renamedFrom": column.renamed_from,
    }
