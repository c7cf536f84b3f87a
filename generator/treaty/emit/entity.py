"""The module of an entity: its table as a SQLModel class, printed from the same view as the schema snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from treaty import names
from treaty.emit import python_types
from treaty.emit.render import render
from treaty.emit.scope import Scope, module_doc
from treaty.emit.shapes import ClassView, FieldView, inline_classes, inline_names
from treaty.emit.tables import ENUM_LENGTH, ColumnView, KeyView, TableView, table_view, text_length
from treaty.emit.text import argument, docstring, literal
from treaty.resolve.model import Entity, EntityRef, Field, Model, Scalar, TypeRef

_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")
_TIMEDELTA = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
# Types whose SQLAlchemy type SQLModel finds by itself, as the snapshot has it.
_FOUND_BY_SQLMODEL = {"uuid", "boolean", "datetime", "date", "duration"}


def emit_entity(entity: Entity, model: Model, package: str) -> str:
    """The text of an entity's module."""
    table = table_view(entity, model)
    keys = [_key_class(entity, key) for key in table.keys.values()]
    scope = Scope.of(model, package, entity.module, taken={entity.class_name, *keys, *inline_names(entity.fields)})
    scope.imports.name("sqlmodel", "Field")  # before pydantic's, which inline objects may use, takes the plain name
    stamped = [field.python_name for field in entity.fields if field.is_stamped]
    return render(
        "contract/entity.py.jinja",
        doc=module_doc(entity.header),
        entity=entity,
        inner=_inner(entity, scope),
        base=scope.runtime("models", "Entity"),
        class_doc=docstring(entity.header.description, indent=4),
        table=table,
        table_args=list(_table_args(table, scope)),
        identity=literal(entity.primary.python_name) if table.partition else None,
        tenant=literal(entity.tenant.python_name) if entity.tenant else "None",
        stamped="".join(f"{literal(name)}, " for name in stamped),
        fields=[_field(column, scope) for column in table.columns],
        keep=_keep(entity, scope),
        keys=[_key(name, key, table, scope) for name, key in table.keys.items()],
        imports=scope.imports,
    )


def _inner(entity: Entity, scope: Scope) -> list[ClassView]:
    return [
        view
        for field in entity.fields
        for view in inline_classes(field.type, f"{entity.class_name}.{field.python_name}", scope)
    ]


@dataclass(frozen=True, slots=True)
class KeyClassView:
    """The class of a table that holds what is unique over all partitions, ready to be printed."""

    name: str
    base: str
    doc: str
    table: str
    table_args: list[str]
    identity: str
    fields: list[FieldView]


def _key(name: str, key: KeyView, table: TableView, scope: Scope) -> KeyClassView:
    columns = {column.name: column for column in table.columns}
    found = [columns[column] for column in (*key.columns, *table.primary_key)]
    words = ", ".join(f"`{field.python_name}`" for field in key.fields)
    unique = scope.imports.name("sqlalchemy", "UniqueConstraint")
    return KeyClassView(
        name=_key_class(table.entity, key),
        base=scope.runtime("models", "Key"),
        doc=docstring(f"Where the row with {words} is: it occurs once in all partitions.", indent=4),
        table=name,
        table_args=[f"{unique}({_columns(key.columns)}, name={literal(key.name)})"],
        identity=", ".join(literal(columns[column].field.python_name) for column in key.columns),
        fields=[
            FieldView(
                name=column.field.python_name,
                type=_annotation(replace(column.field, optional=False), scope),
                default=_called(_stored(column, scope), scope),
                doc=None,
            )
            for column in found
        ],
    )


def _key_class(entity: Entity, key: KeyView) -> str:
    return names.key_class(entity.class_name, *(field.name for field in key.fields))


def _keep(entity: Entity, scope: Scope) -> str | None:
    if entity.keep is None:
        return None
    amount, unit = entity.keep.text[:-1], _TIMEDELTA[entity.keep.text[-1]]
    return f"{scope.imports.name('datetime', 'timedelta')}({unit}={amount})"


def _field(column: ColumnView, scope: Scope) -> FieldView:
    field = column.field
    return FieldView(
        name=field.python_name,
        type=_annotation(field, scope),
        default=_definition(column, scope),
        doc=docstring(field.description, indent=4) if field.description else None,
    )


def _annotation(field: Field, scope: Scope) -> str:
    if field.type == Scalar("string") and field.constraints.enum is not None:
        return python_types.annotation(field, scope)
    python = python_types.stored(field.type, scope)
    return f"{python} | None" if field.optional else python


def _definition(column: ColumnView, scope: Scope) -> str | None:
    """The `Field(...)` of a column; `None` where the annotation says it all."""
    return _called(_arguments(column, scope), scope)


def _called(arguments: Iterator[str], scope: Scope) -> str | None:
    written = ", ".join(arguments)
    return f"{scope.imports.name('sqlmodel', 'Field')}({written})" if written else None


def _arguments(column: ColumnView, scope: Scope) -> Iterator[str]:
    yield from _default(column.field, scope)
    if column.identifies:
        yield "primary_key=True"
    yield from _stored(column, scope)


def _stored(column: ColumnView, scope: Scope) -> Iterator[str]:
    """How the column is kept, whatever it is filled with."""
    field = column.field
    sa_type = _sa_type(field, scope)
    if sa_type:
        yield f"sa_type={sa_type}"
    if field.python_name != column.name:
        yield f'sa_column_kwargs={{"name": {literal(column.name)}}}'


def _default(field: Field, scope: Scope) -> Iterator[str]:
    if field.primary and field.type == Scalar("uuid"):
        yield f"default_factory={scope.runtime('identifiers', 'new_id')}"
    elif field.is_stamped:
        yield "default=None"  # filled from the unit of work's clock when the row is inserted
    elif field.has_default:
        written = python_types.value(field.type, field.default, scope)
        factory = {"[]": "list", "{}": "dict"}.get(written)
        yield f"default_factory={factory}" if factory else f"default={written}"
    elif field.optional:
        yield "default=None"


def _sa_type(field: Field, scope: Scope) -> str | None:
    match field.type:
        case Scalar(name=name) if name in _FOUND_BY_SQLMODEL:
            return None
        case EntityRef():
            return None
        case Scalar(name="integer"):
            return scope.imports.name("sqlalchemy", "BigInteger")
        case Scalar(name="number"):
            return scope.imports.name("sqlalchemy", "Double")
        case Scalar(name="decimal"):
            return scope.imports.name("sqlalchemy", "Numeric")
        case Scalar(name="string" | "url" | "email" as name):
            return f"{scope.imports.name('sqlalchemy', 'String')}({text_length(name, field.constraints)})"
        case TypeRef(key=key) if scope.model.types[key].values:
            choice = scope.runtime("columns", "Choice")
            return f"{choice}({scope.contract(scope.model.types[key])}, length={ENUM_LENGTH})"
        case kind:
            return f"{scope.runtime('columns', 'Document')}({python_types.stored(kind, scope)})"


def _table_args(table: TableView, scope: Scope) -> Iterator[str]:
    """The constraints and indexes of a table, in the snapshot's order."""
    if table.partition:
        primary = scope.imports.name("sqlalchemy", "PrimaryKeyConstraint")
        yield f"{primary}({_columns(table.primary_key)})"
    for name, columns in table.unique.items():
        unique = scope.imports.name("sqlalchemy", "UniqueConstraint")
        yield f"{unique}({_columns(columns)}, name={literal(name)})"
    for name, key in table.foreign_keys.items():
        foreign = scope.imports.name("sqlalchemy", "ForeignKeyConstraint")
        references = _columns(tuple(f"{key.table}.{column}" for column in key.references))
        yield f"{foreign}([{_columns(key.columns)}], [{references}], name={literal(name)})"
    for name, columns in table.indexes.items():
        index = scope.imports.name("sqlalchemy", "Index")
        yield f"{index}({literal(name)}, {_columns(columns)})"
    for name, condition in table.checks.items():
        check = scope.imports.name("sqlalchemy", "CheckConstraint")
        escaped = _PARAMETER.sub(r"\\:", condition)  # SQLAlchemy takes a colon before a word for a parameter
        yield f"{check}({argument(escaped)}, name={literal(name)})"
    if table.partition:
        by = names.sql_identifier(table.partition.by)
        yield f'{{"postgresql_partition_by": {literal(f"RANGE ({by})")}}}'


def _columns(columns: tuple[str, ...]) -> str:
    return ", ".join(literal(column) for column in columns)
