"""Whether data fits a schema, said as an author needs to hear it: one plain message per place."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import jsonschema_rs

from treaty import json_schema
from treaty.contract.parse import Parsed
from treaty.contract.spelling import respelling, suggestion
from treaty.diagnostics import Fix, Location
from treaty.resolve.model import Field, FieldType, Inline, ListOf, MapOf, Model, Scalar, TypeRef
from treaty.source.document import Path
from treaty.source.quotes import in_quotes


@dataclass(frozen=True, slots=True)
class Misfit:
    """A place in some data that does not fit, what is wrong, what to write, and whether the key is meant.

    `known`: the names or values that may stand there; `bare`: only quotes are missing.
    """

    path: Path
    message: str
    hint: str
    on_key: bool = False
    known: tuple[str, ...] = ()
    bare: bool = False

    def place(self, owner: Parsed[Any], path: Path) -> tuple[Location, Fix | None]:
        """Where this stands in a contract that holds the data at `path`, and the mend where it is certain."""
        where = (*path, *self.path)
        at = owner.key_at(*where) if self.on_key else owner.at(*where)
        if self.bare and where in owner.document.as_written:
            return at, in_quotes(at, owner.document.as_written[where])
        value: Any = where[-1] if self.on_key else owner.document.data
        for part in () if self.on_key else where:
            value = value[part]
        return at, respelling(at, value, self.known) if self.known and isinstance(value, str) else None


@dataclass(frozen=True)
class Fit:
    """Compares data with an object of `fields`; their schema is compiled once.

    Compiling its regular expressions takes most of the time, so that is done only for data that does not fit.
    """

    model: Model
    fields: tuple[Field, ...]

    @cached_property
    def _schema(self) -> json_schema.Schema:
        return json_schema.document_schema(self.model, self.fields)

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(self._schema, validate_formats=True)

    @cached_property
    def _quick(self) -> jsonschema_rs.Draft202012Validator | None:
        try:
            schema = _with_formats(self._schema)
            return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, formats=_COMPILED)
        except (ValueError, ArithmeticError):  # a pattern or a limit that is none: `patterns` and `bounds` speak of it
            return None

    def misfits(self, data: Any) -> list[Misfit]:
        """Where `data` is not such an object, and where decimals leave their bounds."""
        if self._quick is None:
            return []
        if not self._quick.is_valid(data):
            return _schema_misfits(self._validator, Known(self.model, self.fields), data)
        return list(_decimals(self.model, self.fields, data, ()))


def value_misfits(model: Model, field: Field, value: Any) -> list[Misfit]:
    """Where `value` is not a value of one field."""
    if value is None:
        return [Misfit((), "there is no null in contracts.", "Leave the field out.")]
    found = Fit(model, (field,)).misfits({field.name: value})
    return [replace(misfit, path=misfit.path[1:], on_key=misfit.on_key and len(misfit.path) > 1) for misfit in found]


@dataclass(frozen=True, slots=True)
class Known:
    """The fields that data may have, by place."""

    model: Model
    fields: tuple[Field, ...]

    def at(self, path: Path) -> tuple[Field, ...]:
        """The fields of the object at `path`; none when no such object is known."""
        here: FieldType | None = Inline("", self.fields)
        for part in path:
            here = self._step(here, part)
        return self._fields(here)

    def _fields(self, type_: FieldType | None) -> tuple[Field, ...]:
        if isinstance(type_, Inline):
            return type_.fields
        if isinstance(type_, TypeRef) and type_.key in self.model.types:
            return self.model.types[type_.key].fields
        return ()

    def _step(self, type_: FieldType | None, part: str | int) -> FieldType | None:
        if isinstance(type_, ListOf):
            return type_.item
        if isinstance(type_, MapOf):
            return type_.value
        return next((field.type for field in self._fields(type_) if field.name == part), None)


def _schema_misfits(validator: jsonschema_rs.Draft202012Validator, known: Known, data: Any) -> list[Misfit]:
    found: dict[Path, Misfit] = {}
    incomplete: list[tuple[Path, str]] = []
    with_unknown: set[Path] = set()
    for error in validator.iter_errors(data):
        path = tuple(error.instance_path)
        kind: Any = error.kind
        if kind.name == "required":
            incomplete.append((path, kind.property))
        elif kind.name == "additionalProperties":
            with_unknown.add(path)
            for name in kind.unexpected:
                found[*path, name] = _unknown(name, known.at(path), data, path)
        else:
            options = tuple(map(str, kind.options)) if kind.name == "enum" else ()
            found.setdefault(path, Misfit(path, *_wording(error), known=options, bare=_is_bare(error)))
    for path, name in incomplete:
        if path not in with_unknown:  # a field that was renamed is one mistake, not two
            found.setdefault(
                (*path, name), Misfit(path, f"`{name}` is missing.", f"Add `{name}`, or make it optional.")
            )
    return sorted(found.values(), key=lambda misfit: [str(part) for part in misfit.path])


def _unknown(name: str, fields: tuple[Field, ...], data: Any, path: Path) -> Misfit:
    holder = data
    for part in path:
        holder = holder[part]
    names = [field.name for field in fields]
    missing = [field.name for field in fields if json_schema.is_required(field) and field.name not in holder]
    meant = suggestion(name, names) or (missing[0] if len(missing) == 1 else None)
    hint = f"Did you mean `{meant}`?" if meant else f"Its fields: {', '.join(names) or 'none'}."
    return Misfit((*path, name), f"there is no field `{name}`.", hint, on_key=True, known=tuple(names))


def _wording(error: Any) -> tuple[str, str]:
    kind = error.kind
    value = _shown(error.instance)
    match kind.name:
        case "type" if error.instance is None:
            return "there is no null in contracts.", "Leave the field out."
        case "type":
            return _type(error, value)
        case "enum":
            meant = suggestion(str(error.instance), [str(option) for option in kind.options])
            hint = f"Did you mean `{meant}`?" if meant else "Choose one of them."
            return f"{value} is not one of {', '.join(str(option) for option in kind.options)}.", hint
        case "pattern":
            return _pattern(kind.pattern, value)
        case "format":
            return f"{value} is not {_FORMATS.get(kind.format, f'a {kind.format}')}.", "Write one like that."
        case name if name in _LIMITS:
            return _LIMITS[name](kind), "Keep within the limits that the field says."
    return f"{error.message}.", "Write a value that the field allows."


def _type(error: Any, value: str) -> tuple[str, str]:
    types = error.kind.types if isinstance(error.kind.types, list) else [error.kind.types]
    wanted = " or ".join(_TYPES.get(str(name), str(name)) for name in types)
    found = f"the text {value}" if isinstance(error.instance, str) else value
    hint = "Write a value of the field's type."
    if _is_bare(error):
        hint = "Put it in quotes."
    elif isinstance(error.instance, str) and error.instance.lstrip("-").replace(".", "", 1).isdigit():
        hint = "Take the quotes away."
    return f"expected {wanted}, found {found}.", hint


def _is_bare(error: Any) -> bool:
    """Whether text is wanted, and YAML read what stands there as a number or a truth."""
    if error.kind.name != "type" or not isinstance(error.instance, bool | int | float):
        return False
    types = error.kind.types
    return "string" in map(str, types if isinstance(types, list) else [types])


def _pattern(pattern: str, value: str) -> tuple[str, str]:
    if pattern == json_schema.WITHOUT_NUL:
        return "the text contains the character NUL.", "Leave it out: nothing can store it."
    if pattern in _PATTERNS:
        return f"{value} is not {_PATTERNS[pattern]}.", "Write one like that."
    return f"{value} does not match {pattern}.", "Write a value that the field's pattern allows."


_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_FORMATS = {
    "date-time": "a date-time with an offset, such as 2026-01-31T12:00:00Z",
    "date": "a date, such as 2026-01-31",
    "duration": "a duration, such as P1DT2H30M",
    "uuid": "a uuid",
    "uri": "a URL",
    "email": "an email address",
}
_PATTERNS = {
    json_schema.DATETIME_PATTERN: _FORMATS["date-time"],
    json_schema.DURATION_PATTERN: _FORMATS["duration"],
    json_schema.URL_PATTERN: "a URL, such as https://example.com",
    json_schema.EMAIL_PATTERN: _FORMATS["email"],
    json_schema.DECIMAL_PATTERN: 'a decimal number in quotes, such as "12.50"',
    json_schema.NOT_NEGATIVE_DECIMAL_PATTERN: 'a decimal number of at least 0 in quotes, such as "12.50"',
}
_LIMITS: dict[str, Callable[[Any], str]] = {
    "minLength": lambda kind: f"the text needs at least {kind.limit} characters.",
    "maxLength": lambda kind: f"the text may have at most {kind.limit} characters.",
    "minItems": lambda kind: f"the list needs at least {kind.limit} items.",
    "maxItems": lambda kind: f"the list may have at most {kind.limit} items.",
    "minimum": lambda kind: f"the number must be at least {kind.limit}.",
    "maximum": lambda kind: f"the number must be at most {kind.limit}.",
    "exclusiveMinimum": lambda kind: f"the number must be above {kind.limit}.",
    "exclusiveMaximum": lambda kind: f"the number must be below {kind.limit}.",
    "multipleOf": lambda kind: f"the number must be a multiple of {kind.multiple_of:g}.",
}


def _whole(pattern: str) -> Callable[[str], bool]:
    """Whether a text matches a pattern that begins with `^` and ends with `$`, as JSON Schema understands them."""
    found = re.compile(pattern.removeprefix("^").removesuffix("$")).fullmatch
    return lambda text: found(text) is not None


_COMPILED = {pattern: _whole(pattern) for pattern in (json_schema.WITHOUT_NUL, *_PATTERNS)}


def _with_formats(schema: Any) -> Any:
    """A schema that says the patterns of the language's own types as formats, which are compiled already."""
    if isinstance(schema, list):
        return [_with_formats(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {word: _with_formats(value) for word, value in schema.items()}
    pattern = found.get("pattern")
    if isinstance(pattern, str) and pattern in _COMPILED:
        del found["pattern"]
        found["allOf"] = [*found.get("allOf", ()), {"format": pattern}]
    return found


def _decimals(model: Model, fields: tuple[Field, ...], data: dict[str, Any], path: Path) -> Iterator[Misfit]:
    """The bounds of decimals, which JSON Schema can't express."""
    for field in fields:
        if field.name in data:
            yield from _decimal_values(model, field, field.type, data[field.name], (*path, field.name))


def _decimal_values(model: Model, field: Field, type_: FieldType, value: Any, path: Path) -> Iterator[Misfit]:
    match type_:
        case Scalar(name="decimal"):
            yield from _decimal(field, Decimal(value), path)
        case ListOf(item=inner):
            for position, item in enumerate(value):
                yield from _decimal_values(model, field, inner, item, (*path, position))
        case MapOf(value=inner):
            for key, item in value.items():
                yield from _decimal_values(model, field, inner, item, (*path, key))
        case Inline(fields=fields):
            yield from _decimals(model, fields, value, path)
        case TypeRef(key=key) if key in model.types and isinstance(value, dict):
            yield from _decimals(model, model.types[key].fields, value, path)


_BOUNDS: tuple[tuple[str, Callable[[Decimal, Decimal], bool], str], ...] = (
    ("minimum", operator.ge, "at least"),
    ("maximum", operator.le, "at most"),
    ("exclusive_minimum", operator.gt, "above"),
    ("exclusive_maximum", operator.lt, "below"),
)


def _decimal(field: Field, value: Decimal, path: Path) -> Iterator[Misfit]:
    for word, holds, text in _BOUNDS:
        bound = getattr(field.constraints, word)
        if bound is not None and not holds(value, Decimal(str(bound))):
            yield Misfit(path, f"the number must be {text} {bound}.", "Keep within the limits that the field says.")


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text if len(text) <= 60 else text[:60] + '…'}`"
