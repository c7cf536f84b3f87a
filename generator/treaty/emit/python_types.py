"""The Python types of fields that travel on the wire, and the Python values of their defaults."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from pydantic.alias_generators import to_camel

from treaty.emit.scope import Scope
from treaty.emit.text import literal, pair
from treaty.json_schema import DEFAULT_MAX_LENGTH
from treaty.resolve.fields import leaf
from treaty.resolve.model import Constraints, EntityRef, Field, FieldType, Inline, ListOf, MapOf, Scalar, TypeRef

_SYMBOLS = {
    "string": "Text",
    "integer": "Integer",
    "number": "Number",
    "decimal": "Decimal",
    "datetime": "DateTime",
    "date": "Date",
    "duration": "Duration",
    "url": "Url",
    "email": "Email",
    "json": "Json",
}
_PLAIN = {"string": "str", "url": "str", "email": "str", "integer": "int", "number": "float"}
_BOUNDS = {"minimum": "ge", "exclusive_minimum": "gt", "maximum": "le", "exclusive_maximum": "lt"}
_DURATION = TypeAdapter(dt.timedelta)
_INSTANT = TypeAdapter(dt.datetime)


def annotation(field: Field, scope: Scope) -> str:
    """The type of a field on the wire, with its constraints; `| None` when it may be absent."""
    python = _python_type(field.type, field.constraints, scope)
    python = f"{python} | None" if field.optional else python
    inner = leaf(field.type)
    return f'"{python}"' if isinstance(inner, TypeRef) and inner.key in scope.together else python


def stored(kind: FieldType, scope: Scope) -> str:
    """The type of a value that comes from the database: not checked again, so without constraints."""
    match kind:
        case Scalar(name=name) if name in _PLAIN:
            return _PLAIN[name]
        case ListOf(item=item):
            return f"list[{stored(item, scope)}]"
        case MapOf(value=element):
            return f"dict[str, {stored(element, scope)}]"
        case _:
            return _python_type(kind, Constraints(), scope)


def alias(field: Field) -> str | None:
    """The name on the wire, when it is not the one that the runtime makes of the attribute's name."""
    return None if to_camel(field.python_name.rstrip("_")) == field.name else field.name


def value(kind: FieldType, written: Any, scope: Scope) -> str:
    """A default as a Python expression of the field's type; `written` is what the contract says."""
    match kind:
        case Scalar(name=name):
            return _scalar_value(name, written, scope)
        case ListOf(item=item):
            return "[" + ", ".join(value(item, element, scope) for element in written) + "]"
        case MapOf(value=element_type):
            return "{" + ", ".join(pair(k, value(element_type, v, scope)) for k, v in written.items()) + "}"
        case TypeRef(key=key):
            return _type_value(key, written, scope)
        case Inline(class_name=class_name, fields=fields):
            return _shape_value(class_name, fields, written, scope)
        case EntityRef():
            return _scalar_value("uuid", written, scope)


def plain(data: Any) -> str:
    """JSON data as a Python expression."""
    match data:
        case str():
            return literal(data)
        case dict():
            return "{" + ", ".join(pair(key, plain(item)) for key, item in data.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(plain(item) for item in data) + "]"
        case _:
            return repr(data)


def pattern_literal(pattern: str) -> str:
    """A regular expression as a literal: raw where that reads better and is the same."""
    raw = "\\" in pattern and '"' not in pattern and not pattern.endswith("\\") and pattern.isprintable()
    return f'r"{pattern}"' if raw else literal(pattern)


def _python_type(kind: FieldType, constraints: Constraints, scope: Scope) -> str:
    match kind:
        case Scalar(name="string") if constraints.enum is not None:
            values = ", ".join(literal(text) for text in constraints.enum)
            return f"{scope.imports.name('typing', 'Literal')}[{values}]"
        case Scalar(name=name):
            return _constrained(_scalar_type(name, scope), list(_scalar_constraints(name, constraints, scope)), scope)
        case ListOf(item=item):
            size = [("min_length", constraints.min_items), ("max_length", constraints.max_items)]
            sizes = [f"{word}={number}" for word, number in size if number is not None]
            return _constrained(f"list[{_python_type(item, constraints, scope)}]", sizes, scope)
        case MapOf(value=element):
            return f"dict[{scope.runtime('fields', 'Text')}, {_python_type(element, constraints, scope)}]"
        case TypeRef(key=key):
            return scope.contract(scope.model.types[key])
        case Inline(class_name=class_name):
            return class_name
        case EntityRef():
            return _scalar_type("uuid", scope)


def _constrained(python: str, constraints: list[str], scope: Scope) -> str:
    if not constraints:
        return python
    annotated = scope.imports.name("typing", "Annotated")
    return f"{annotated}[{python}, {scope.imports.name('pydantic', 'Field')}({', '.join(constraints)})]"


def _scalar_type(name: str, scope: Scope) -> str:
    if name == "boolean":
        return "bool"
    if name == "uuid":
        return scope.imports.name("uuid", "UUID")
    return scope.runtime("fields", _SYMBOLS[name])


def _scalar_constraints(name: str, constraints: Constraints, scope: Scope) -> Iterator[str]:
    if constraints.min_length is not None:
        yield f"min_length={constraints.min_length}"
    if constraints.max_length is not None and (name != "string" or constraints.max_length != DEFAULT_MAX_LENGTH):
        yield f"max_length={constraints.max_length}"
    if constraints.pattern is not None:
        yield f"pattern={pattern_literal(constraints.pattern)}"
    for word, keyword in _BOUNDS.items():
        bound = getattr(constraints, word)
        if bound is not None:
            yield f"{keyword}={_number(name, bound, scope)}"
    if constraints.multiple_of is not None:
        yield f"multiple_of={constraints.multiple_of}"


def _number(name: str, bound: float | str, scope: Scope) -> str:
    exact = Decimal(str(bound))
    if exact == exact.to_integral_value():
        return str(int(exact))
    return f'{scope.imports.module("decimal")}.Decimal("{exact}")' if name == "decimal" else repr(float(exact))


def _scalar_value(name: str, written: Any, scope: Scope) -> str:
    match name:
        case "string" | "url" | "email":
            return literal(written)
        case "integer":
            return str(int(written))
        case "number":
            return repr(float(written))
        case "decimal":
            return f'{scope.imports.module("decimal")}.Decimal("{Decimal(str(written))}")'
        case "uuid":
            return f'{scope.imports.name("uuid", "UUID")}("{UUID(written)}")'
        case "date" | "datetime" | "duration":
            return _time_value(name, written, scope)
        case _:
            return plain(written)


def _time_value(name: str, written: str, scope: Scope) -> str:
    module = scope.imports.module("datetime")  # a class could not say `date` after a field of that name
    if name == "date":
        day = dt.date.fromisoformat(written)
        return f"{module}.date({day.year}, {day.month}, {day.day})"
    if name == "datetime":
        instant = _INSTANT.validate_python(written).astimezone(dt.UTC)
        return f'{module}.datetime.fromisoformat("{instant.isoformat()}")'
    length = _DURATION.validate_python(written)
    parts = {"days": length.days, "seconds": length.seconds, "microseconds": length.microseconds}
    arguments = ", ".join(f"{unit}={amount}" for unit, amount in parts.items() if amount)
    return f"{module}.timedelta({arguments})"


def _type_value(key: str, written: Any, scope: Scope) -> str:
    target = scope.model.types[key]
    if target.values:
        member = next(item.python_name for item in target.values if item.value == written)
        return f"{scope.contract(target)}.{member}"
    return _shape_value(scope.contract(target), target.fields, written, scope)


def _shape_value(class_name: str, fields: tuple[Field, ...], written: dict[str, Any], scope: Scope) -> str:
    given = [field for field in fields if field.name in written]
    arguments = ", ".join(f"{field.python_name}={value(field.type, written[field.name], scope)}" for field in given)
    return f"{class_name}({arguments})"
