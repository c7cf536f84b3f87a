"""A request becomes an operation's input: path, query string, headers and body, each read strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from litestar import Request
from pydantic import ValidationError

from treaty_runtime import json_text
from treaty_runtime.models import Input
from treaty_runtime.operations import Operation, Parameter
from treaty_runtime.refusals import FieldError, Invalid, Malformed
from treaty_runtime.request_body import read_json_body
from treaty_runtime.validation_messages import field_error, field_errors

__all__ = ["decode"]

MAX_QUERY_FIELDS = 1000
SPELLINGS: Mapping[str, re.Pattern[str]] = {
    "integer": re.compile(r"-?(0|[1-9][0-9]{0,99})"),
    "number": re.compile(r"-?(0|[1-9][0-9]{0,99})(\.[0-9]{1,99})?([eE][+-]?[0-9]{1,3})?"),
    "boolean": re.compile(r"true|false"),
}

AnyRequest = Request[Any, Any, Any]
InputT = TypeVar("InputT", bound=Input)


async def decode(operation: Operation[InputT, Any], request: AnyRequest, *, max_body: int) -> InputT:
    """The validated input of a request. Raises `Invalid`, or what `read_json_body` raises for unreadable bodies."""
    text = await read_json_body(request, max_body) if operation.has_body else b"{}"
    body = json_text.read(text)
    query = _query(request)
    errors = list(_unknown(query, operation.parameters))
    given: dict[str, Any] = {}
    for parameter in operation.parameters:
        texts = _texts(parameter, request, query)
        if len(texts) > 1 and not parameter.many:
            errors.append(field_error(parameter.field, "must be given once"))
        elif texts:
            values = [_value(parameter, each) for each in texts]
            given[parameter.field] = values if parameter.many else values[0]
            errors += json_text.unstorable(given[parameter.field], parameter.field)
    if operation.parameters and isinstance(body, dict):
        elsewhere = {parameter.field for parameter in operation.parameters}
        errors += [field_error(name, "is unknown in the body") for name in body if name in elsewhere]
        text = json.dumps({**body, **given}).encode()
    return _validated(operation.input, text, errors)


def _validated(model: type[InputT], text: bytes, errors: list[FieldError]) -> InputT:
    try:
        payload = model.model_validate_json(text, by_alias=True, by_name=False)
    except ValidationError as error:
        raise Invalid([*errors, *field_errors(error)]) from None
    if errors:
        raise Invalid(errors)
    return payload


def _texts(parameter: Parameter, request: AnyRequest, query: Mapping[str, list[str]]) -> list[str]:
    match parameter.place:
        case "path":
            return [str(request.path_params[parameter.name])]
        case "query":
            return query.get(parameter.name, [])
        case "header":
            return list(_header(request, parameter.name))


def _header(request: AnyRequest, name: str) -> Iterator[str]:
    wanted = name.lower().encode()
    for given, value in request.scope["headers"]:
        if given == wanted:
            try:
                yield value.decode("utf-8")
            except UnicodeDecodeError:
                raise Malformed(f"The header {name} is not UTF-8.") from None


def _query(request: AnyRequest) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    try:
        text = request.scope["query_string"].decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_QUERY_FIELDS)
    except UnicodeDecodeError:
        raise Malformed("The query string is not UTF-8.") from None
    except ValueError:
        raise Malformed(f"The query string has more than {MAX_QUERY_FIELDS} fields.") from None
    for name, value in pairs:
        query.setdefault(name, []).append(value)
    return query


def _unknown(query: Iterable[str], parameters: tuple[Parameter, ...]) -> Iterator[FieldError]:
    known = {parameter.name for parameter in parameters if parameter.place == "query"}
    return (field_error(name, "is unknown in the query string") for name in query if name not in known)


def _value(parameter: Parameter, text: str) -> Any:
    """What a text means. A text that is not spelled like its kind stays one, and the model refuses it."""
    if parameter.kind == "string" or not SPELLINGS[parameter.kind].fullmatch(text):
        return text
    return json.loads(text)  # the spellings are JSON's own
