"""What is wrong with a request's input, in the sentences that the service itself uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema_rs

from treaty import json_schema
from treaty.resolve.model import Field, Model
from treaty.rules.fit import Fit

MAX_ERRORS = 50
MAX_PATH = 200

_TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
_FORMATS = {
    "date-time": "must be a date-time with an offset, such as 2026-01-31T12:00:00Z",
    "date": "must be a date, such as 2026-01-31",
    "duration": "must be a duration, such as P1DT2H30M",
    "uuid": "must be a UUID",
    "uri": "must be an http or https URL",
    "email": "must be an email address",
}
_PATTERNS = {
    json_schema.WITHOUT_NUL: "must not contain NUL",
    json_schema.DATETIME_PATTERN: _FORMATS["date-time"],
    json_schema.DURATION_PATTERN: _FORMATS["duration"],
    json_schema.URL_PATTERN: _FORMATS["uri"],
    json_schema.EMAIL_PATTERN: _FORMATS["email"],
    json_schema.DECIMAL_PATTERN: 'must be a decimal number in a string, such as "12.50"',
    json_schema.NOT_NEGATIVE_DECIMAL_PATTERN: 'must be a decimal number of at least 0 in a string, such as "12.50"',
}
_MESSAGES: Mapping[str, Callable[[Any], str]] = {
    "enum": lambda kind: f"must be one of {', '.join(map(str, kind.options))}",
    "format": lambda kind: _FORMATS.get(kind.format, "is not valid"),
    "pattern": lambda kind: _PATTERNS.get(kind.pattern, f"must match {kind.pattern}"),
    "minLength": lambda kind: f"must have {kind.limit} characters or more",
    "maxLength": lambda kind: f"must have {kind.limit} characters or fewer",
    "minItems": lambda kind: f"must have {kind.limit} items or more",
    "maxItems": lambda kind: f"must have {kind.limit} items or fewer",
    "minimum": lambda kind: f"must be at least {kind.limit}",
    "maximum": lambda kind: f"must be at most {kind.limit}",
    "exclusiveMinimum": lambda kind: f"must be greater than {kind.limit}",
    "exclusiveMaximum": lambda kind: f"must be less than {kind.limit}",
    "multipleOf": lambda kind: f"must be a multiple of {kind.multiple_of:g}",
}


class Input:
    """The fields of an operation's input, ready to be compared with what comes."""

    def __init__(self, model: Model, fields: tuple[Field, ...]) -> None:
        schema = json_schema.document_schema(model, fields)
        self._validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        self._fit = Fit(model, fields)

    def errors(self, data: Any) -> list[tuple[str, str]]:
        """Pairs of field and message; none when it fits."""
        found: dict[str, str] = {}
        for error in self._validator.iter_errors(data):
            for path, message in _said(error):
                found.setdefault(path, message)
        # Bounds of decimals, which no schema can say.
        found = found or {_path(*each.path): each.message for each in self._fit.misfits(data)}
        return list(found.items())[:MAX_ERRORS]


def _said(error: Any) -> Iterator[tuple[str, str]]:
    path, kind = error.instance_path, error.kind
    match kind.name:
        case "required":
            yield _path(*path, kind.property), "is required"
        case "additionalProperties":
            for name in kind.unexpected:
                yield _path(*path, name), "is unknown"
        case "type" if error.instance is None:
            yield _path(*path), "must not be null; leave it out instead"
        case "type":
            types = kind.types if isinstance(kind.types, list) else [kind.types]
            yield _path(*path), f"must be {' or '.join(_TYPES.get(str(name), str(name)) for name in types)}"
        case name:
            say = _MESSAGES.get(name)
            yield _path(*path), say(kind) if say else "is not valid"


def _path(*parts: str | int) -> str:
    path = ".".join(map(str, parts))
    return path if len(path) <= MAX_PATH else f"{path[:MAX_PATH]}…"  # names may be the caller's, of any length
