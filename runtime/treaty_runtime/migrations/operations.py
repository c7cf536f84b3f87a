"""Changes as lines of a revision: Alembic's operations, and SQL where it has none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch

from treaty_runtime.migrations.changes import (
    AddColumn,
    AddConstraint,
    AlterColumn,
    Change,
    Constraint,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropTable,
    FillKeys,
    FillNulls,
    ForgetKeys,
    MoveRows,
    Protect,
    RenameColumn,
    RenameConstraint,
    Unprotect,
)
from treaty_runtime.migrations.keys import filling
from treaty_runtime.migrations.protection import TRIGGER, force, lifecycle, partition_prefix, protection
from treaty_runtime.migrations.quoting import quote
from treaty_runtime.migrations.snapshot import Column, ForeignKey, Partition
from treaty_runtime.migrations.source import Call, call, has_parameter, literal, statement

__all__ = ["lines"]

SIMPLE_TYPES = {
    "uuid": "sa.Uuid()",
    "bigint": "sa.BigInteger()",
    "double precision": "sa.Double()",
    "boolean": "sa.Boolean()",
    "timestamptz": "sa.DateTime(timezone=True)",
    "date": "sa.Date()",
    "interval": "sa.Interval()",
    "jsonb": "postgresql.JSONB()",
    "numeric": "sa.Numeric()",
}


@singledispatch
def lines(change: Change) -> Iterator[str]:
    """The lines that make a change, indented as the body of a function."""
    raise NotImplementedError(type(change).__name__)


@lines.register
def _(change: CreateTable) -> Iterator[str]:
    table = change.definition
    columns = [_column(name, column) for name, column in table.columns.items()]
    key = call("sa.PrimaryKeyConstraint", *map(literal, table.primary_key), name=literal(f"pk_{change.table}"))
    uniques = [
        call("sa.UniqueConstraint", *map(literal, names), name=literal(name)) for name, names in table.unique.items()
    ]
    checks = [call("sa.CheckConstraint", _sql(text), name=literal(name)) for name, text in table.checks.items()]
    keys = [key] if table.primary_key else []
    by = {}
    if table.partition:
        by = {"postgresql_partition_by": literal(f"RANGE ({quote(table.partition.by)})")}
    created = call("op.create_table", literal(change.table), *columns, *keys, *uniques, *checks, **by)
    yield from replace(created, spread=True).lines(4)
    if table.partition:
        default = f"{partition_prefix(change.table)}_default"
        yield from statement(f"SELECT treaty.make_default_partition('{change.table}', '{default}')")


@lines.register
def _(change: DropTable) -> Iterator[str]:
    yield from call("op.drop_table", literal(change.table)).lines(4)


@lines.register
def _(change: MoveRows) -> Iterator[str]:
    table, old, new = change.table, change.old, change.new
    yield f"    # {table} is made anew, and its rows move into it; it is locked meanwhile."
    for note in lifecycle(table, old):
        yield from statement(note.down)
    if old.tenant:
        yield from statement(force(table, on=False))
    yield from statement(f"SELECT treaty.set_aside('{table}')")
    yield from lines(CreateTable(table=table, definition=new))
    protected = protection(table, new)
    for note in lifecycle(table, new):
        protected.remove(note)
        yield from statement(note.up)
    if new.partition:
        yield from statement(_partitions_for_rows(change, new.partition))
    yield from statement(_moved(change))
    for index, columns in new.indexes.items():
        yield from lines(AddConstraint(table=table, name=index, constraint=Constraint("index", columns)))
    for protecting in protected:
        yield from statement(protecting.up)
    for name, key in new.foreign_keys.items():
        yield from lines(AddConstraint(table=table, name=name, constraint=Constraint("foreignkey", key)))
    yield from statement(f"DROP TABLE treaty.{quote(table)}")


@lines.register
def _(change: FillKeys) -> Iterator[str]:
    key = change.definition
    yield f"    # Rows of every tenant get their keys in {change.table}."
    for table in (key.of, change.table):
        yield from statement(force(table, on=False))
    yield from statement(filling(change.table, key))
    for table in (key.of, change.table):
        yield from statement(force(table, on=True))


@lines.register
def _(_change: ForgetKeys) -> Iterator[str]:
    yield from ()


@lines.register
def _(change: AddColumn) -> Iterator[str]:
    yield from call("op.add_column", literal(change.table), _column(change.name, change.column)).lines(4)


@lines.register
def _(change: DropColumn) -> Iterator[str]:
    yield from call("op.drop_column", literal(change.table), literal(change.name)).lines(4)


@lines.register
def _(change: RenameColumn) -> Iterator[str]:
    names = literal(change.table), literal(change.old)
    yield from call("op.alter_column", *names, new_column_name=literal(change.new)).lines(4)
    if change.noted:
        for column in ("partition_by", "keep_after"):
            yield from statement(
                f"UPDATE treaty.lifecycle SET {column} = '{change.new}'\n"  # noqa: S608  written to a file
                f"WHERE table_name = '{change.table}' AND {column} = '{change.old}'"
            )


@lines.register
def _(change: AlterColumn) -> Iterator[str]:
    old, new = change.old, change.new
    named: dict[str, str] = {}
    if old.type != new.type:
        named |= {"existing_type": _type(old.type), "type_": _type(new.type)}
    if old.nullable != new.nullable:
        named["nullable"] = str(new.nullable)
    if old.default != new.default:
        named["server_default"] = "None" if new.default is None else str(_default(new.default))
    yield from call("op.alter_column", literal(change.table), literal(change.name), **named).lines(4)


@lines.register
def _(change: FillNulls) -> Iterator[str]:
    table, column = quote(change.table), quote(change.name)
    fill = f"UPDATE {table} SET {column} = {change.default} WHERE {column} IS NULL"  # noqa: S608  written to a file
    yield f"    # Rows of every tenant get the default of {change.name}."
    if change.forced:
        yield from statement(force(change.table, on=False))
    if change.append_only:
        yield from statement(f"ALTER TABLE {table} DISABLE TRIGGER {TRIGGER}")
    yield from statement(fill)
    if change.append_only:
        yield from statement(f"ALTER TABLE {table} ENABLE TRIGGER {TRIGGER}")
    if change.forced:
        yield from statement(force(change.table, on=True))


@lines.register
def _(change: AddConstraint) -> Iterator[str]:
    yield from _add(change.constraint, literal(change.name), literal(change.table)).lines(4)


@lines.register
def _(change: DropConstraint) -> Iterator[str]:
    name, table = literal(change.name), literal(change.table)
    if change.constraint.kind == "index":
        yield from call("op.drop_index", name, table_name=table).lines(4)
    else:
        yield from call("op.drop_constraint", name, table, type_=literal(change.constraint.kind)).lines(4)


@lines.register
def _(change: RenameConstraint) -> Iterator[str]:
    old, new = quote(change.old), quote(change.new)
    if change.kind == "index":
        yield from statement(f"ALTER INDEX {old} RENAME TO {new}")
    else:
        yield from statement(f"ALTER TABLE {quote(change.table)} RENAME CONSTRAINT {old} TO {new}")


@lines.register
def _(change: Protect) -> Iterator[str]:
    yield from statement(change.statement.up)


@lines.register
def _(change: Unprotect) -> Iterator[str]:
    yield from statement(change.statement.down)


def _partitions_for_rows(change: MoveRows, partition: Partition) -> str:
    period = f"date_trunc('{partition.every}', {_moved_value(change, partition.by)}, 'UTC')"
    periods = f"SELECT DISTINCT {period} AS period FROM treaty.{quote(change.table)}"  # noqa: S608  written to a file
    return f"SELECT treaty.make_partition('{change.table}', period)\nFROM ({periods}) AS periods"


def _moved(change: MoveRows) -> str:
    kept = [name for name in change.new.columns if name in change.old.columns]
    values = ", ".join(_moved_value(change, name) for name in kept)
    return (
        f"INSERT INTO {quote(change.table)} ({', '.join(map(quote, kept))})\n"
        f"SELECT {values} FROM treaty.{quote(change.table)}"
    )


def _moved_value(change: MoveRows, name: str) -> str:
    """What a row that moves has in a column: what it had, or the default where it may no longer have nothing."""
    before, now = change.old.columns.get(name), change.new.columns[name]
    if before is None:
        return str(now.default)
    return f"coalesce({quote(name)}, {now.default})" if before.nullable and not now.nullable else quote(name)


def _add(constraint: Constraint, name: str, table: str) -> Call:
    definition = constraint.definition
    if isinstance(definition, ForeignKey):
        columns, references = _names(definition.columns), _names(definition.references)
        return call("op.create_foreign_key", name, table, literal(definition.table), columns, references)
    if isinstance(definition, str):
        return call("op.create_check_constraint", name, table, _sql(definition))
    operation = "op.create_index" if constraint.kind == "index" else "op.create_unique_constraint"
    return call(operation, name, table, _names(definition))


def _names(columns: tuple[str, ...]) -> str:
    return f"[{', '.join(map(literal, columns))}]"


def _column(name: str, column: Column) -> Call:
    named = {"server_default": str(_default(column.default))} if column.default is not None else {}
    return call("sa.Column", literal(name), _type(column.type), nullable=str(column.nullable), **named)


def _type(type_: str) -> str:
    length = re.fullmatch(r"varchar\((\d+)\)", type_)
    if length:
        return f"sa.String({length[1]})"
    digits = re.fullmatch(r"numeric\((\d+),(\d+)\)", type_)
    return f"sa.Numeric({digits[1]}, {digits[2]})" if digits else SIMPLE_TYPES[type_]


def _default(text: str) -> Call:
    return call("sa.literal_column", literal(text)) if has_parameter(text) else call("sa.text", literal(text))


def _sql(text: str) -> str | Call:
    return call("sa.literal_column", literal(text)) if has_parameter(text) else literal(text)
