"""JSON Schema (draft 2020-12) of fields: what OpenAPI and event schemas show, and what examples are checked against.

Wire names, closed objects, no nulls: exactly what the generated models accept. A shared type is a reference to a
definition that is called by the type's key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from treaty.resolve.model import (
    Constraints,
    EntityRef,
    Field,
    FieldType,
    Inline,
    ListOf,
    MapOf,
    Model,
    Scalar,
    Type,
    TypeRef,
)

Schema = dict[str, Any]
# Where the definition of a type stands, by the type's key.
Place = Callable[[str], str]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

NO_CONSTRAINTS = Constraints()
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
DEFAULT_MAX_LENGTH = 1000
# The most characters of a text, when its field does not say.
MAX_LENGTHS: Mapping[str, int] = {"string": DEFAULT_MAX_LENGTH, "url": 2000, "email": 254}
NOT_NULL = ("array", "boolean", "number", "object", "string")
# Stands for any JSON among the keys of types; contracts have keys with dots.
JSON = "json"
# PostgreSQL stores no NUL.
WITHOUT_NUL = r"^[^\u0000]*$"
# The same patterns stand in treaty_runtime.fields: a client can check what the service checks.
# RFC 3986: characters beyond ASCII are written %C3%A9, or xn--… in a host's name; no user names before the host.
_PCHAR = r"[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}"
URL_PATTERN = rf"^https?://[A-Za-z0-9._~-]+(:[0-9]{{1,5}})?(/({_PCHAR})*)?([?]({_PCHAR}|[?])*)?(#({_PCHAR}|[?])*)?$"
# RFC 5321, without its quoted names and numeric hosts.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL_PATTERN = rf"^{_ATOM}([.]{_ATOM})*@{_LABEL}([.]{_LABEL})*$"
DATETIME_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
DECIMAL_PATTERN = r"^-?[0-9]{1,28}(\.[0-9]{1,10})?$"
NOT_NEGATIVE_DECIMAL_PATTERN = DECIMAL_PATTERN.replace("-?", "", 1)
DURATION_PATTERN = r"^P(?=[0-9T])([0-9]{1,7}D)?(T(?=[0-9])([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}(\.[0-9]{1,6})?S)?)?$"

_FIXED: Mapping[str, Schema] = {
    "boolean": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time", "pattern": DATETIME_PATTERN},
    "date": {"type": "string", "format": "date"},
    # Without a format: JSON Schema's own takes neither fractions nor hours with seconds and no minutes.
    "duration": {"type": "string", "pattern": DURATION_PATTERN},
    "uuid": {"type": "string", "format": "uuid"},
}
_BOUNDS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusive_minimum": "exclusiveMinimum",
    "exclusive_maximum": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}


def in_defs(key: str) -> str:
    """The place of a type's definition in a schema that stands alone."""
    return f"#/$defs/{key}"


def object_schema(fields: Iterable[Field], *, place: Place = in_defs) -> Schema:
    """A closed object of `fields`; `place` says where the definitions of types stand."""
    fields = tuple(fields)
    schema: Schema = {
        "type": "object",
        "properties": {field.name: field_schema(field, place=place) for field in fields},
        "additionalProperties": False,
    }
    required = [field.name for field in fields if is_required(field)]
    if required:
        schema["required"] = required
    return schema


def field_schema(field: Field, *, place: Place = in_defs) -> Schema:
    """One field: its type, its constraints, what it means, its default."""
    schema = type_schema(field.type, field.constraints, place=place)
    if field.type == Scalar("json"):
        schema["type"] = list(NOT_NULL)  # inside of it null is a value; the field itself is left out instead
    if field.explanation:
        schema["description"] = field.explanation
    if field.has_default:
        schema["default"] = field.default
    return schema


def is_required(field: Field) -> bool:
    """Whether a sender must give the field."""
    return not field.optional and not field.has_default


def type_schema(
    type_: FieldType,
    constraints: Constraints = NO_CONSTRAINTS,
    *,
    place: Place = in_defs,
) -> Schema:
    """A field's type; constraints of values go to the innermost type, those of lists to every list."""
    match type_:
        case Scalar(name=name):
            return {"$ref": place(JSON)} if name == JSON else _scalar(name, constraints)
        case ListOf(item=item):
            schema = {"type": "array", "items": type_schema(item, constraints, place=place)}
            return schema | _said(minItems=constraints.min_items, maxItems=constraints.max_items)
        case MapOf(value=value):
            return {
                "type": "object",
                "additionalProperties": type_schema(value, constraints, place=place),
                "propertyNames": {"maxLength": DEFAULT_MAX_LENGTH, "pattern": WITHOUT_NUL},
            }
        case TypeRef(key=key):
            return {"$ref": place(key)}
        case Inline(fields=fields):
            return object_schema(fields, place=place)
        case EntityRef():
            return {"type": "string", "format": "uuid"}


def shared_type_schema(type_: Type, *, place: Place = in_defs) -> Schema:
    """The definition of a `type` contract: an enumeration or a closed object."""
    if type_.values:
        schema: Schema = {"type": "string", "enum": [value.value for value in type_.values]}
    else:
        schema = object_schema(type_.fields, place=place)
    return schema | {"title": type_.class_name, "description": type_.header.description}


def json_value_schema(*, place: Place = in_defs) -> Schema:
    """The definition of any JSON that can be stored: a keyword without a type speaks of that type alone."""
    inner = {"$ref": place(JSON)}
    schema: Schema = {"pattern": WITHOUT_NUL, "items": inner, "additionalProperties": inner}
    return schema | {"propertyNames": {"pattern": WITHOUT_NUL}, "description": "Any JSON without the character NUL."}


def types_in(model: Model, fields: Iterable[Field]) -> tuple[str, ...]:
    """The keys of all types that `fields` reach, through other types too, sorted."""
    return tuple(sorted(_reached(model, fields) - {JSON}))


def holds_json(model: Model, fields: Iterable[Field]) -> bool:
    """Whether a field, or a type that `fields` reach, holds any JSON."""
    return JSON in _reached(model, fields)


def _reached(model: Model, fields: Iterable[Field]) -> set[str]:
    found: set[str] = set()
    waiting = [key for field in fields for key in _references(field.type)]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            inner = model.types[key].fields if key in model.types else ()
            waiting += [reference for field in inner for reference in _references(field.type)]
    return found


def document_schema(model: Model, fields: Iterable[Field]) -> Schema:
    """A schema that stands alone: dialect, the object of `fields`, and the definitions it needs."""
    fields = tuple(fields)
    schema: Schema = {"$schema": DIALECT} | object_schema(fields)
    if keys := sorted(_reached(model, fields)):
        schema["$defs"] = {key: _definition(model, key) for key in keys}
    return schema


def output_fields(model: Model, output: tuple[Field, ...] | TypeRef) -> tuple[Field, ...]:
    """The fields of an operation's output, its own or its type's."""
    if not isinstance(output, TypeRef):
        return output
    type_ = model.types.get(output.key)
    return type_.fields if type_ else ()


def _definition(model: Model, key: str) -> Schema:
    if key == JSON:
        return json_value_schema()
    # A type whose contract could not be understood allows anything, so that its users can be checked all the same.
    return shared_type_schema(model.types[key]) if key in model.types else {}


def _references(type_: FieldType) -> Iterator[str]:
    match type_:
        case TypeRef(key=key):
            yield key
        case Scalar(name="json"):
            yield JSON
        case ListOf(item=inner) | MapOf(value=inner):
            yield from _references(inner)
        case Inline(fields=fields):
            for field in fields:
                yield from _references(field.type)


def _scalar(name: str, constraints: Constraints) -> Schema:
    match name:
        case "string":
            return _string(constraints)
        case "url":
            return _text("uri", URL_PATTERN, MAX_LENGTHS["url"], constraints)
        case "email":
            return _text("email", EMAIL_PATTERN, MAX_LENGTHS["email"], constraints)
        case "integer":
            bounds = _bounds(constraints)
            bounds.setdefault("minimum", INTEGER_MIN)
            bounds.setdefault("maximum", INTEGER_MAX)
            return {"type": "integer", "format": "int64"} | bounds
        case "number":
            return {"type": "number", "format": "double"} | _bounds(constraints)
        case "decimal":
            return _decimal(constraints)
        case _:
            return dict(_FIXED[name])


def _string(constraints: Constraints) -> Schema:
    if constraints.enum is not None:
        return {"type": "string", "enum": list(constraints.enum)}
    schema: Schema = {"type": "string"}
    schema |= _said(minLength=constraints.min_length, maxLength=constraints.max_length or DEFAULT_MAX_LENGTH)
    if constraints.pattern is None:
        return schema | {"pattern": WITHOUT_NUL}
    return schema | {"pattern": constraints.pattern, "allOf": [{"pattern": WITHOUT_NUL}]}


def _text(format_: str, pattern: str, most: int, constraints: Constraints) -> Schema:
    schema: Schema = {"type": "string", "format": format_, "pattern": pattern, "allOf": [{"pattern": WITHOUT_NUL}]}
    return schema | _said(minLength=constraints.min_length, maxLength=constraints.max_length or most)


def _decimal(constraints: Constraints) -> Schema:
    # JSON Schema has no bounds for numbers in strings: the sign can be said, the rest is said in words.
    lowest = constraints.minimum if constraints.minimum is not None else constraints.exclusive_minimum
    not_negative = lowest is not None and Decimal(str(lowest)) >= 0
    return {"type": "string", "pattern": NOT_NEGATIVE_DECIMAL_PATTERN if not_negative else DECIMAL_PATTERN}


def _bounds(constraints: Constraints) -> Schema:
    return _said(**{keyword: getattr(constraints, word) for word, keyword in _BOUNDS.items()})


def _said(**keywords: Any) -> Schema:
    return {keyword: value for keyword, value in keywords.items() if value is not None}
