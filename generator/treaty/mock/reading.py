"""A request's input, read and validated as the service does it: path, query string, headers and body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from treaty.mock.fitting import Input
from treaty.mock.refusals import refusal
from treaty.mock.routes import Found
from treaty.resolve.model import ListOf, Parameter, Scalar

MAX_DEPTH = 64
MAX_QUERY_FIELDS = 1000
_JSON_TYPE = re.compile(r"application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)
_SPELLINGS: Mapping[str, re.Pattern[str]] = {
    "integer": re.compile(r"-?(0|[1-9][0-9]{0,99})"),
    "number": re.compile(r"-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,99})?([eE][+-]?[0-9]{1,3})?"),
    "boolean": re.compile(r"true|false"),
}


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: Message
    body: bytes


def read(found: Found, received: Received, wanted: Input) -> dict[str, Any]:
    """The input, which has to fit. Raises `Refused`: malformed, of another type, or not what the contract takes."""
    operation = found.operation
    body = _body(received) if operation.body else {}
    errors: list[tuple[str, str]] = []
    given = dict(_parameters(found, received, errors))
    if isinstance(body, dict):
        elsewhere = {parameter.field.name for parameter in operation.parameters}
        errors += [(name, "is unknown in the body") for name in body if name in elsewhere]
        body = body | given
    errors += wanted.errors(body)
    if errors:
        raise refusal("invalid", errors=errors)
    return body


def _body(received: Received) -> Any:
    if not _JSON_TYPE.fullmatch(received.headers.get("Content-Type", "").strip()):
        raise refusal("unsupported_media_type")
    if received.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise refusal("unsupported_media_type")
    if not received.body.strip():
        raise refusal("malformed", "A JSON body is needed.")
    try:
        value = json.loads(received.body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise refusal("malformed", "The body is not UTF-8.") from None
    except UnicodeEncodeError:
        raise refusal("invalid", errors=[("", "must not contain lone surrogates")]) from None
    except json.JSONDecodeError as error:
        raise refusal("malformed", f"The body is not JSON: {error.msg} at character {error.pos}.") from None
    except RecursionError:
        raise refusal("malformed", f"The body nests deeper than {MAX_DEPTH} levels.") from None
    except ValueError:  # after its subclasses above: an integer of thousands of digits
        raise refusal("invalid", errors=[("", "must not hold numbers of thousands of digits")]) from None
    if _depth(value) > MAX_DEPTH:
        raise refusal("malformed", f"The body nests deeper than {MAX_DEPTH} levels.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise refusal("malformed", "The body names a field twice in one object.")
    return made


def _constant(name: str) -> Any:
    raise refusal("malformed", f"The body is not JSON: {name} is no JSON number.")


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def _parameters(found: Found, received: Received, errors: list[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    query = _query(received.query)
    parameters = found.operation.parameters
    known = {parameter.wire_name for parameter in parameters if parameter.place == "query"}
    errors += [(name, "is unknown in the query string") for name in query if name not in known]
    for parameter in parameters:
        texts = _texts(parameter, found, received, query)
        many = isinstance(parameter.field.type, ListOf)
        if len(texts) > 1 and not many:
            errors.append((parameter.field.name, "must be given once"))
        elif texts:
            values = [_value(parameter, text) for text in texts]
            yield parameter.field.name, values if many else values[0]


def _query(text: str) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_FIELDS)
    except UnicodeDecodeError:
        raise refusal("malformed", "The query string is not UTF-8.") from None
    except ValueError:
        raise refusal("malformed", f"The query string has more than {MAX_QUERY_FIELDS} fields.") from None
    for name, value in pairs:
        query.setdefault(name, []).append(value)
    return query


def _texts(parameter: Parameter, found: Found, received: Received, query: Mapping[str, list[str]]) -> list[str]:
    match parameter.place:
        case "path":
            return [found.given[parameter.wire_name]]
        case "query":
            return query.get(parameter.wire_name, [])
        case "header":
            return [_text(value) for value in received.headers.get_all(parameter.wire_name, [])]


def _text(header: str) -> str:
    """A header's value: http.server reads bytes as Latin-1, and we speak UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        raise refusal("malformed", "A header is not UTF-8.") from None


def _value(parameter: Parameter, text: str) -> Any:
    """What a text means. One that is not spelled like its type stays a text, and does not fit."""
    type_ = parameter.field.type
    inner = type_.item if isinstance(type_, ListOf) else type_
    spelling = _SPELLINGS.get(inner.name) if isinstance(inner, Scalar) else None
    return json.loads(text) if spelling and spelling.fullmatch(text) else text
