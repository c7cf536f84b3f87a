"""What a type is on the wire or in a table, whatever name it was given, and which of two holds more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from treaty.diagnostics import Location
from treaty.diff.side import Side
from treaty.json_schema import DEFAULT_MAX_LENGTH
from treaty.resolve.model import Constraints, EntityRef, Field, FieldType, Inline, ListOf, MapOf, Scalar, TypeRef


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Some texts and no others; `at` says where each stands, `key` the shared type if it is one."""

    values: Mapping[str, Location]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Object:
    """Fields; `key` is the shared type if it is one."""

    fields: tuple[Field, ...]
    key: str | None = None


Shape = Scalar | Enumeration | Object | ListOf | MapOf | EntityRef
Relation = Literal["widened", "narrowed", "changed"]


def shape(type_: FieldType, field: Field, side: Side) -> Shape | None:
    """What `type_`, which `field` has or is made of, is; `None` when that could not be understood."""
    match type_:
        case TypeRef(key=key) if key in side.model.types:
            shared = side.model.types[key]
            if shared.values:
                return Enumeration(_values_at(key, side), key)
            return Object(shared.fields, key)
        case TypeRef():
            return None
        case Inline(fields=fields):
            return Object(fields)
        case Scalar("string") if field.constraints.enum is not None:
            return Enumeration(dict.fromkeys(field.constraints.enum, side.field_at(field, "enum")))
        case _:
            return type_


def _values_at(key: str, side: Side) -> dict[str, Location]:
    parsed = side.book.parsed(key)
    written = parsed.contract.values
    if isinstance(written, dict):
        return {value: parsed.key_at("values", value) for value in written}
    return {value: parsed.at("values", position) for position, value in enumerate(written)}


def name(found: Shape) -> str:
    """A shape in messages."""
    match found:
        case Scalar(name=scalar):
            return f"`{scalar}`"
        case Enumeration(values=values, key=key):
            return f"`{short(key)}`" if key else " or ".join(f"`{value}`" for value in values)
        case Object(key=key):
            return f"`{short(key)}`" if key else "an object"
        case ListOf():
            return "a list"
        case MapOf():
            return "a map"
        case EntityRef(key=key):
            return f"a reference to `{short(key)}`"


def short(key: str) -> str:
    """The last part of a key: what its own namespace calls it."""
    return key.rpartition(".")[2]


_TEXTS = {"uuid": 36, "date": 10, "datetime": 64, "duration": 64, "decimal": 40, "url": 2000, "email": 254}


def relation(old: Shape, new: Shape, before: Constraints, after: Constraints, *, is_column: bool) -> Relation:
    """Whether every value of `old` is one of `new`, the other way round, or neither."""
    holds = _column_holds if is_column else _holds
    if holds(new, old, after, before):
        return "widened"
    if holds(old, new, before, after):
        return "narrowed"
    return "changed"


def _holds(outer: Shape, inner: Shape, outside: Constraints, inside: Constraints) -> bool:
    """Whether every JSON value of `inner` is one of `outer`."""
    match outer, inner:
        case Scalar("json"), _:
            return True
        case Scalar("number"), Scalar("integer"):
            return not _bounded(outside)
        case Scalar("uuid"), EntityRef():
            return True
        case Scalar("string"), Enumeration(values=values):
            return outside.pattern is None and all(_fits(len(value), outside) for value in values)
        case Scalar("string"), Scalar(name=text) if text in _TEXTS:
            longest = inside.max_length or _TEXTS[text]
            return outside.pattern is None and not outside.min_length and _fits(longest, outside)
        case _:
            return False


def _column_holds(outer: Shape, inner: Shape, outside: Constraints, inside: Constraints) -> bool:
    """Whether a column of `outer` holds every value of a column of `inner`, as PostgreSQL stores them."""
    match outer, inner:
        case Scalar("json"), Scalar(_) | Enumeration() | EntityRef():
            return False  # those are columns of their own types; only what is stored as JSON becomes any JSON
        case Scalar("json"), _:
            return True
        case Scalar("decimal"), Scalar("integer"):
            return not _bounded(outside)
        case Scalar("number"), _:
            return False
        case Scalar("string"), Scalar("url" | "email"):
            return _holds(outer, inner, outside, inside)
        case Scalar("string"), Scalar():
            return False
        case _:
            return _holds(outer, inner, outside, inside)


def _fits(length: int, constraints: Constraints) -> bool:
    return (constraints.min_length or 0) <= length <= (constraints.max_length or DEFAULT_MAX_LENGTH)


def _bounded(constraints: Constraints) -> bool:
    said = (constraints.minimum, constraints.maximum, constraints.exclusive_minimum, constraints.exclusive_maximum)
    return any(bound is not None for bound in said)
