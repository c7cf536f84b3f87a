"""What an operation answers: its output, and a problem document for every status that it can really refuse with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from treaty.csv_text import TYPE, csv_text
from treaty.emit.openapi.components import PROBLEM, SCHEMAS, Components
from treaty.pipeline import PIPELINE_ERRORS, PIPELINE_TITLES
from treaty.resolve.model import Model, Operation, Page

HEADERS: dict[str, Any] = {
    "X-Request-Id": {"description": "Names the request in the service's log.", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "RateLimit": {
        "description": "How many requests are left (`r`), and in how many seconds all of them are again (`t`).",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "How many requests (`q`) are allowed in how many seconds (`w`).",
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {"description": "How to authenticate.", "required": True, "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "`true` when this is the stored answer to an earlier request with the same key.",
        "schema": {"type": "string", "const": "true"},
    },
}
"""What `components` calls headers."""
CACHE_HEADERS: dict[str, Any] = {
    "ETag": {
        "description": "Names this very answer, for `If-None-Match` (RFC 9110).",
        "required": True,
        "schema": {"type": "string"},
    },
    "Cache-Control": {
        "description": "For how many seconds the caller's own cache may use the answer again (RFC 9111).",
        "required": True,
        "schema": {"type": "string", "pattern": "^private, max-age=[0-9]+$"},
    },
    "Vary": {
        "description": "The headers of a request that the answer depends on.",
        "required": True,
        "schema": {"type": "string"},
    },
}
"""More of them, for answers that may be kept."""
EXPORT_HEADERS: dict[str, Any] = {
    "Content-Disposition": {
        "description": "What the file is called (RFC 6266).",
        "required": True,
        "schema": {"type": "string"},
    },
    "Treaty-With": {
        "description": "What every page says beside its items, as a JSON object.",
        "schema": {"type": "string"},
    },
}
"""More of them, for files with all pages."""
ENDING_HEADERS: dict[str, Any] = {
    "Deprecation": {
        "description": "Since when the operation is deprecated: `@` and seconds since 1970 (RFC 9745).",
        "required": True,
        "schema": {"type": "string", "pattern": "^@[0-9]+$"},
    },
    "Sunset": {
        "description": "From when on nobody can count on the operation: an HTTP date (RFC 8594).",
        "required": True,
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'Where the next newer version is: its address with `rel="successor-version"`.',
        "schema": {"type": "string"},
    },
}
"""More of them, for what is deprecated or has a newer version."""

_MORE_HEADERS = {
    int(HTTPStatus.UNAUTHORIZED): ("WWW-Authenticate",),
    int(HTTPStatus.TOO_MANY_REQUESTS): ("Retry-After",),
    int(HTTPStatus.SERVICE_UNAVAILABLE): ("Retry-After",),
}
_LIMIT_HEADERS = ("RateLimit", "RateLimit-Policy")
_EXAMPLE_REQUEST_ID = "019a9c1e-7a00-7000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Refused:
    """One way to be refused: its code and status, and the sentence that the caller is told."""

    code: str
    status: int
    title: str


def responses(operation: Operation, model: Model, components: Components) -> dict[str, Any]:
    """The responses of an operation, by status."""
    ending = ending_headers(operation, model)
    found = {str(operation.status): _success(operation, components)}
    if operation.policy.idempotency and operation.status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
        repeated = {"description": "The request repeats one that was carried out before; nothing was done again."}
        found[str(int(HTTPStatus.OK))] = _success(operation, components, examples=False) | repeated
    if operation.policy.cache_seconds:
        found[str(int(HTTPStatus.NOT_MODIFIED))] = _not_modified(operation)
    by_status: dict[int, list[Refused]] = {}
    for refused in _refusals(operation, model):
        by_status.setdefault(refused.status, []).append(refused)
    for status, refusals in by_status.items():
        found[str(status)] = _problem(status, refusals, operation)
    if ending:
        found = {status: _with_headers(response, ending) for status, response in found.items()}
    return dict(sorted(found.items()))


def export_response(operation: Operation, page: Page, model: Model) -> dict[str, Any]:
    """All pages in one CSV file, with the examples of the pages."""
    more = ["Content-Disposition", *(["Treaty-With"] if page.beside else ())]
    names = [*_success_headers(operation), *more, *ending_headers(operation, model)]
    content: dict[str, Any] = {"schema": {"type": "string"}}
    shown = {
        item.key: {"value": csv_text(page, model, item.output)}
        for item in operation.examples
        if item.output is not None
    }
    if shown:
        content["examples"] = shown
    return {"description": HTTPStatus.OK.phrase, "headers": _headers(names), "content": {TYPE: content}}


def _with_headers(response: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return response | {"headers": response["headers"] | _headers(names)}


def ending_headers(operation: Operation, model: Model) -> list[str]:
    """The headers by which every answer of an operation says that it is not the newest, or will end."""
    header, successor = operation.header, model.successor(operation)
    said = {
        "Deprecation": header.deprecated,
        "Sunset": header.sunset,
        "Link": successor and successor.http_path != operation.http_path,
    }
    return [name for name, value in said.items() if value]


def _success(operation: Operation, components: Components, *, examples: bool = True) -> dict[str, Any]:
    headers = _success_headers(operation)
    response: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase, "headers": _headers(headers)}
    if operation.status == HTTPStatus.NO_CONTENT:
        return response
    content: dict[str, Any] = {"schema": components.output(operation)}
    shown = {item.key: {"value": item.output} for item in operation.examples if item.output is not None and examples}
    if shown:
        content["examples"] = shown
    return response | {"content": {"application/json": content}}


def _not_modified(operation: Operation) -> dict[str, Any]:
    """The answer to a caller who has it already: no content, and the headers that the content would have had."""
    description = "The answer that `If-None-Match` names still holds."
    return {"description": description, "headers": _headers(_success_headers(operation))}


def _success_headers(operation: Operation) -> list[str]:
    policy = operation.policy
    return [
        "X-Request-Id",
        *(["Idempotency-Replayed"] if policy.idempotency else ()),
        *(CACHE_HEADERS if policy.cache_seconds else ()),
        *(_LIMIT_HEADERS if policy.rate_limit else ()),
    ]


def _headers(names: list[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusals(operation: Operation, model: Model) -> Iterator[Refused]:
    """Everything that the pipeline or the implementation can refuse with."""
    for error in operation.errors:
        yield Refused(error.code, error.status, error.when)
    for code in _pipeline_codes(operation, model):
        yield Refused(code, PIPELINE_ERRORS[code], PIPELINE_TITLES[code])


def _pipeline_codes(operation: Operation, model: Model) -> Iterator[str]:
    policy, tenants = operation.policy, model.tenant_entity is not None
    yield from ("malformed", "invalid", "internal", "unavailable")
    if operation.body:
        yield from ("payload_too_large", "request_timeout", "unsupported_media_type")
    if policy.rate_limit:
        yield "rate_limited"
    if policy.idempotency:
        yield "idempotency_conflict"
    if policy.entitlement:
        yield "entitlement_required"
    # Who is nobody changes no row of a tenant.
    if operation.header.kind == "command" and policy.auth != "anonymous" and model.counts_changes:
        yield "stale"
    if policy.auth != "anonymous":
        yield from ("unauthenticated", "forbidden", "too_many_failed_attempts")
    # Whoever is known may ask for another tenant's rows; whoever is not may ask for rows that are not there, for what
    # is behind a flag, or for a page that there is not.
    if (
        policy.auth != "anonymous"
        or policy.flag
        or operation.page
        or any(parameter.place == "path" for parameter in operation.parameters)
    ):
        yield "not_found"
    if policy.auth == "user" and tenants and model.memberships:
        yield "tenant_required"


def _problem(status: int, refusals: list[Refused], operation: Operation) -> dict[str, Any]:
    examples = dict(_examples(refusals, operation))
    response = problem_response(status, tuple(refusals))
    if not examples:
        return response
    ((media_type, content),) = response["content"].items()
    return response | {"content": {media_type: content | {"examples": examples}}}


@cache  # most operations are refused in the same ways; they share what says so, which nobody changes
def problem_response(status: int, refusals: tuple[Refused, ...]) -> dict[str, Any]:
    """The response of one status with the problem documents of its refusals."""
    return {
        "description": "\n".join(f"- `{refused.code}`: {refused.title}" for refused in refusals),
        "headers": _headers(["X-Request-Id", *_more_headers(status, refusals)]),
        "content": {"application/problem+json": {"schema": _problem_schema(status, refusals)}},
    }


def _more_headers(status: int, refusals: Iterable[Refused]) -> tuple[str, ...]:
    limited = any(refused.code == "rate_limited" for refused in refusals)
    return (*_MORE_HEADERS.get(status, ()), *(_LIMIT_HEADERS if limited else ()))


def _problem_schema(status: int, refusals: tuple[Refused, ...]) -> dict[str, Any]:
    # `enum` also for the one status: openapi-python-client leaves out responses that narrow a number with `const`.
    narrowed: dict[str, Any] = {
        "properties": {"status": {"enum": [status]}, "code": {"enum": [refused.code for refused in refusals]}}
    }
    if status == PIPELINE_ERRORS["invalid"]:
        narrowed["required"] = ["errors"]
    return {"allOf": [{"$ref": f"{SCHEMAS}{PROBLEM}"}, narrowed]}


def _examples(refusals: list[Refused], operation: Operation) -> Iterator[tuple[str, Any]]:
    """The problem documents of the contract's examples that are refused with one of these codes."""
    known = {refused.code: refused for refused in refusals}
    for example in operation.examples:
        if example.error in known:
            yield example.key, {"value": _problem_document(known[example.error])}


def _problem_document(refused: Refused) -> dict[str, Any]:
    return {
        "type": f"urn:treaty:problem:{refused.code}",
        "title": refused.title,
        "status": refused.status,
        "detail": refused.title,
        "code": refused.code,
        "requestId": _EXAMPLE_REQUEST_ID,
    }
