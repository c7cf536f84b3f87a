"""The module of an entity: its table as a SQLModel class, printed from the same view as the schema snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterator

from treaty.emit import python_types
from treaty.emit.render import render
from treaty.emit.scope import Scope, module_doc
from treaty.emit.shapes import ClassView, FieldView, inline_classes, inline_names
from treaty.emit.tables import ENUM_LENGTH, ColumnView, TableView, is_now, table_view, text_length
from treaty.emit.text import argument, docstring, literal
from treaty.resolve.model import Entity, EntityRef, Field, Model, Scalar, TypeRef

_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")
# Types whose SQLAlchemy type SQLModel finds by itself, as the snapshot has it.
_FOUND_BY_SQLMODEL = {"uuid", "boolean", "datetime", "date", "duration"}


def emit_entity(entity: Entity, model: Model, package: str) -> str:
    """The text of an entity's module."""
    scope = Scope.of(model, package, entity.module, taken={entity.class_name, *inline_names(entity.fields)})
    scope.imports.name("sqlmodel", "Field")  # before pydantic's, which inline objects may use, takes the plain name
    table = table_view(entity, model)
    stamped = [field.python_name for field in entity.fields if is_now(field)]
    return render(
        "contract/entity.py.jinja",
        doc=module_doc(entity.header),
        entity=entity,
        inner=_inner(entity, scope),
        base=scope.runtime("models", "Entity"),
        class_doc=docstring(entity.header.description, indent=4),
        table=table,
        table_args=list(_table_args(table, scope)),
        tenant=literal(entity.tenant.python_name) if entity.tenant else "None",
        stamped="".join(f"{literal(name)}, " for name in stamped),
        fields=[_field(column, scope) for column in table.columns],
        imports=scope.imports,
    )


def _inner(entity: Entity, scope: Scope) -> list[ClassView]:
    return [
        view
        for field in entity.fields
        for view in inline_classes(field.type, f"{entity.class_name}.{field.python_name}", scope)
    ]


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
    arguments = list(_arguments(column, scope))
    return f"{scope.imports.name('sqlmodel', 'Field')}({', '.join(arguments)})" if arguments else None


def _arguments(column: ColumnView, scope: Scope) -> Iterator[str]:
    field = column.field
    yield from _default(field, scope)
    if field.primary:
        yield "primary_key=True"
    sa_type = _sa_type(field, scope)
    if sa_type:
        yield f"sa_type={sa_type}"
    if field.python_name != column.name:
        yield f'sa_column_kwargs={{"name": {literal(column.name)}}}'


def _default(field: Field, scope: Scope) -> Iterator[str]:
    if field.primary and field.type == Scalar("uuid"):
        yield f"default_factory={scope.runtime('identifiers', 'new_id')}"
    elif is_now(field):
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


def _columns(columns: tuple[str, ...]) -> str:
    return ", ".join(literal(column) for column in columns)
