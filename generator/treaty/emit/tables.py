"""One view of a table, from which both the entity's module and the database schema snapshot are printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from treaty import names
from treaty.json_schema import MAX_LENGTHS
from treaty.resolve.model import Constraints, Entity, EntityRef, Field, ListOf, Model, Scalar, TypeRef

ENUM_LENGTH = 100  # longer than any value may be, so that a new value never alters a column

_SQL_TYPES = {
    "integer": "bigint",
    "number": "double precision",
    "decimal": "numeric",  # without a scale: 1.50 comes back as 1.50
    "boolean": "boolean",
    "datetime": "timestamptz",
    "date": "date",
    "duration": "interval",
    "uuid": "uuid",
    "json": "jsonb",
}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_COMPARISONS = {"minimum": ">=", "maximum": "<=", "exclusive_minimum": ">", "exclusive_maximum": "<"}


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column: PostgreSQL's type, whether it may be NULL, and its default as an SQL literal.

    `identifies` says that it is the primary key alone.
    """

    field: Field
    name: str
    type: str
    nullable: bool
    default: str | None
    renamed_from: str | None
    identifies: bool


@dataclass(frozen=True, slots=True)
class ForeignKeyView:
    """A foreign key; between rows of one tenant it is composite, because it ignores row-level security."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartitionView:
    """The column whose time says which partition a row is in, and how long the period of one is."""

    by: str
    every: str


@dataclass(frozen=True, slots=True)
class KeepView:
    """How long rows are kept, as PostgreSQL writes an interval, and the column that says since when."""

    interval: str
    after: str


@dataclass(frozen=True, slots=True)
class KeyView:
    """What is unique over all partitions, in a table of its own: the author's fields, the constraint, its columns."""

    fields: tuple[Field, ...]
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """One table with everything that the database knows of it, named. `keys` are by the names of their tables."""

    entity: Entity
    name: str
    tenant: str | None
    columns: tuple[ColumnView, ...]
    primary_key: tuple[str, ...]
    unique: dict[str, tuple[str, ...]]
    indexes: dict[str, tuple[str, ...]]
    foreign_keys: dict[str, ForeignKeyView]
    checks: dict[str, str]
    partition: PartitionView | None
    keep: KeepView | None
    keys: dict[str, KeyView]


def table_view(entity: Entity, model: Model) -> TableView:
    """The table of an entity."""
    tenant = entity.tenant.column if entity.tenant else None
    return TableView(
        entity=entity,
        name=entity.table,
        tenant=tenant,
        columns=tuple(
            _column(field, model, identifies=field.primary and not entity.partition)
            for field in (*entity.fields, *([entity.revision] if entity.revision else []))
        ),
        primary_key=tuple(_primary_key(entity)),
        unique=_named("uq", entity.table, _unique(entity, tenant)),
        indexes=_named("ix", entity.table, _indexes(entity, tenant)),
        foreign_keys=dict(_foreign_keys(entity, model)),
        checks={
            names.constraint("ck", entity.table, field.column, what): condition
            for field in entity.fields
            for what, condition in _checks(field, model)
        },
        partition=PartitionView(entity.partition.by.column, entity.partition.every) if entity.partition else None,
        keep=KeepView(_interval(entity.keep.text), entity.keep.after.column) if entity.keep else None,
        keys=dict(_keys(entity, tenant)),
    )


def text_length(type_name: str, constraints: Constraints) -> int:
    """The most characters of a text column."""
    if constraints.enum:
        return max(ENUM_LENGTH, *map(len, constraints.enum))
    return constraints.max_length or MAX_LENGTHS[type_name]


def sql_text(text: str) -> str:
    """`text` as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _column(field: Field, model: Model, *, identifies: bool) -> ColumnView:
    default = None
    if field.has_default and not field.is_stamped:
        default = _sql_default(field, model)
    return ColumnView(
        field=field,
        name=field.column,
        type=_sql_type(field, model),
        nullable=field.optional,
        default=default,
        renamed_from=_renamed_from(field),
        identifies=identifies,
    )


def _renamed_from(field: Field) -> str | None:
    if field.renamed_from is None:
        return None
    return names.column(field.renamed_from, reference=isinstance(field.type, EntityRef))


def _sql_type(field: Field, model: Model) -> str:
    match field.type:
        case Scalar(name=name) if name in MAX_LENGTHS:
            return f"varchar({text_length(name, field.constraints)})"
        case Scalar(name=name):
            return _SQL_TYPES[name]
        case EntityRef():
            return "uuid"
        case TypeRef(key=key) if model.types[key].values:
            return f"varchar({ENUM_LENGTH})"
        case _:
            return "jsonb"


def _sql_default(field: Field, model: Model) -> str:
    value: Any = field.default
    match _sql_type(field, model):
        case "bigint":
            return str(int(value))
        case "double precision":
            return repr(float(value))
        case "numeric":
            return str(Decimal(str(value)))
        case "boolean":
            return str(bool(value)).lower()
        case "jsonb":
            return sql_text(json.dumps(value, ensure_ascii=False, sort_keys=True)) + "::jsonb"
        case "timestamptz" | "date" | "interval" | "uuid" as kind:
            return f"{sql_text(value)}::{kind}"
        case _:
            return sql_text(value)


def _primary_key(entity: Entity) -> Iterator[str]:
    """The primary key; PostgreSQL wants the partition's column in every unique index of a partitioned table."""
    yield entity.primary.column
    if entity.partition:
        yield entity.partition.by.column


def _unique(entity: Entity, tenant: str | None) -> Iterator[tuple[str, ...]]:
    """The author's combinations within the tenant, and the pair that composite references point at."""
    if tenant is not None and not entity.is_tenant and not entity.partition:  # nothing refers to partitioned rows
        yield (tenant, entity.primary.column)
    for fields in entity.unique:
        if not entity.is_key(fields):
            yield _within_tenant(entity, fields, tenant)


def _keys(entity: Entity, tenant: str | None) -> Iterator[tuple[str, KeyView]]:
    for fields in entity.unique:
        if entity.is_key(fields):
            columns = _within_tenant(entity, fields, tenant)
            name = names.constraint("uq", entity.table, *columns)
            yield names.key_table(entity.table, *(field.column for field in fields)), KeyView(fields, name, columns)


def _indexes(entity: Entity, tenant: str | None) -> Iterator[tuple[str, ...]]:
    """The author's combinations within the tenant, and what finds old rows of all tenants."""
    for fields in entity.index:
        yield _within_tenant(entity, fields, tenant)
    if entity.keep and not entity.partition:
        yield (entity.keep.after.column,)


def _interval(duration: str) -> str:
    return f"{duration[:-1]} {_UNITS[duration[-1]]}"


def _within_tenant(entity: Entity, fields: tuple[Field, ...], tenant: str | None) -> tuple[str, ...]:
    columns = tuple(field.column for field in fields)
    # The tenant's own row is the only one of its tenant: what is unique there is unique among all tenants.
    if tenant is None or entity.is_tenant or tenant in columns:
        return columns
    return (tenant, *columns)


def _named(kind: str, table: str, combinations: Iterator[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {names.constraint(kind, table, *columns): columns for columns in combinations}


def _foreign_keys(entity: Entity, model: Model) -> Iterator[tuple[str, ForeignKeyView]]:
    for field in entity.fields:
        if isinstance(field.type, EntityRef):
            name = names.constraint("fk", entity.table, field.column)
            yield name, _foreign_key(field, entity, model.entities[field.type.key])


def _foreign_key(field: Field, entity: Entity, target: Entity) -> ForeignKeyView:
    if entity.tenant is None or target.tenant is None or target.is_tenant:
        return ForeignKeyView((field.column,), target.table, (target.primary.column,))
    columns = (entity.tenant.column, field.column)
    return ForeignKeyView(columns, target.table, (target.tenant.column, target.primary.column))


def _checks(field: Field, model: Model) -> Iterator[tuple[str, str]]:
    """The conditions that the database holds for a column: what is bad, and the condition in SQL."""
    column = names.sql_identifier(field.column)
    constraints = field.constraints
    match field.type:
        case Scalar(name="string" | "url" | "email"):
            yield from _text_checks(column, constraints)
        case Scalar(name="integer" | "number" | "decimal"):
            yield from _number_checks(column, constraints)
        case TypeRef(key=key) if model.types[key].values:
            yield "values", _one_of(column, tuple(item.value for item in model.types[key].values))
        case ListOf():
            yield from _list_checks(column, constraints)


def _text_checks(column: str, constraints: Constraints) -> Iterator[tuple[str, str]]:
    if constraints.enum:
        yield "values", _one_of(column, constraints.enum)
    if constraints.min_length:
        yield "min_length", f"char_length({column}) >= {constraints.min_length}"
    if constraints.pattern:
        yield "pattern", f"{column} ~ {sql_text(constraints.pattern)}"


def _number_checks(column: str, constraints: Constraints) -> Iterator[tuple[str, str]]:
    for word, operator in _COMPARISONS.items():
        bound = getattr(constraints, word)
        if bound is not None:
            yield word, f"{column} {operator} {bound}"
    if constraints.multiple_of is not None and constraints.multiple_of != 1:
        yield "multiple_of", f"{column} % {constraints.multiple_of} = 0"


def _list_checks(column: str, constraints: Constraints) -> Iterator[tuple[str, str]]:
    if constraints.min_items:
        yield "min_items", f"jsonb_array_length({column}) >= {constraints.min_items}"
    if constraints.max_items is not None:
        yield "max_items", f"jsonb_array_length({column}) <= {constraints.max_items}"


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(sql_text(value) for value in values)})"
