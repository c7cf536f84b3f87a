"""One operation: what it is for, who may call it, what it takes, and, with `responses`, what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from treaty.contract.base import Stability
from treaty.emit.openapi.components import Components
from treaty.emit.openapi.responses import export_response, responses
from treaty.emit.scope import ending
from treaty.emit.service_levels import in_words
from treaty.json_schema import is_required
from treaty.resolve.model import Example, Field, Model, Operation, Page, Parameter, Policy

BEARER = "bearer"
TENANT_HEADER = "Treaty-Tenant"

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_FILE = (
    "One line for each item, in the order of the pages and as of one moment, below a line with the names of the fields "
    "(RFC 4180, UTF-8). A field without a value is an empty cell; lists and objects are JSON. A text that begins with "
    "one of `= + - @ '`, a tab or a line break has a `'` in front, so that no spreadsheet takes it for a formula. A "
    "transfer that breaks off has no last chunk: what came of it is not the whole."
)
_WHO = {
    "anonymous": "Anybody may call it.",
    "user": "Called with a person's access token or a service's API key.",
    "service": "Called with a service's API key only.",
}


def operation_object(operation: Operation, model: Model, components: Components) -> dict[str, Any]:
    """The operation object."""
    header = operation.header
    described: dict[str, Any] = {
        "operationId": header.key,
        "summary": header.description.splitlines()[0],
        "description": "\n\n".join(_description(operation, model.successor(operation))),
        "tags": list(header.tags[-1:]),  # explorers list an operation under every tag; the last is the narrowest
        "x-tags": list(header.tags),
        "x-contract-version": header.version,
        "x-stability": header.stability.value,
        "x-owners": list(header.owners),
        "security": [] if operation.policy.auth == "anonymous" else [{BEARER: []}],
    }
    if header.stability is Stability.DEPRECATED:
        described["deprecated"] = True
    parameters = list(_parameters(operation, model, components))
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        described["requestBody"] = _request_body(operation, components)
    return described | {"responses": responses(operation, model, components)}


def export_object(operation: Operation, page: Page, model: Model, components: Components) -> dict[str, Any]:
    """The operation object of the file that holds all pages of `operation`, as its `as_csv` says."""
    described = operation_object(operation, model, components)
    responses = described["responses"] | {"200": export_response(operation, page, model)}
    return described | {
        "operationId": f"{operation.header.key}:csv",
        "summary": f"{described['summary'].removesuffix('.')}: all pages, as CSV.",
        "description": f"{_FILE}\n\n{described['description']}",
        "responses": responses,
    }


def _description(operation: Operation, successor: Operation | None) -> Iterator[str]:
    """Paragraphs: why there is such an operation, and every word of its policy."""
    if len(operation.header.description.splitlines()) > 1:
        yield operation.header.description
    yield from ending(operation.header)
    if successor:
        yield f"The newer version is `{successor.header.key}`: `{successor.method} {successor.http_path}`."
    if operation.goal:
        yield f"Goal: {operation.goal}"
    if operation.context:
        yield f"Context: {operation.context}"
    yield " ".join(_policy(operation.policy))
    if operation.service_level:
        yield f"Service level: {in_words(operation.service_level)}"
    if operation.emits:
        yield "Events:\n" + "\n".join(
            f"- `{emit.event}`: {emit.when}" if emit.when else f"- `{emit.event}`" for emit in operation.emits
        )


def _policy(policy: Policy) -> Iterator[str]:
    yield _WHO[policy.auth]
    if policy.flag:
        yield f"Behind the feature flag `{policy.flag}`: where it is off, there is nothing here."
    if policy.roles:
        roles = ", ".join(f"`{role}`" for role in sorted(policy.roles))
        yield f"Needs the role {roles}." if len(policy.roles) == 1 else f"Needs one of the roles {roles}."
    if policy.rate_limit:
        limit = policy.rate_limit
        whose = "API key" if limit.by == "key" else limit.by
        yield f"At most {limit.requests} requests per {limit.per} and {whose}."
    if policy.idempotency:
        name, kept = policy.idempotency.field.name, _duration(policy.idempotency.keep_seconds)
        yield f"Sent again with the same `{name}` within {kept}, it is answered again and not carried out again."
    if policy.entitlement:
        yield f"Paid for: the organization needs to be entitled to `{policy.entitlement}`."
    if policy.cache_seconds:
        yield (
            f"The caller may keep an answer and use it again for {_duration(policy.cache_seconds)}; afterwards "
            "`If-None-Match` asks whether it still holds."
        )
    if policy.audit:
        yield "Every call is audited."


def _duration(seconds: int) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _parameters(operation: Operation, model: Model, components: Components) -> Iterator[dict[str, Any]]:
    for parameter in operation.parameters:
        yield _parameter(parameter, operation, components)
    if operation.policy.auth == "user" and model.memberships:
        yield {
            "name": TENANT_HEADER,
            "in": "header",
            "description": "Which organization is meant, by its id: needed by a caller who belongs to several.",
            "schema": {"type": "string", "format": "uuid"},
        }
    if operation.policy.cache_seconds:
        yield {
            "name": "If-None-Match",
            "in": "header",
            "description": "The `ETag` of an answer that the caller has: if it still holds, the answer is 304.",
            "schema": {"type": "string"},
        }


def _parameter(parameter: Parameter, operation: Operation, components: Components) -> dict[str, Any]:
    field = parameter.field
    described: dict[str, Any] = {"name": parameter.wire_name, "in": parameter.place}
    if field.description:
        described["description"] = field.description
    if parameter.place == "path" or is_required(field):
        described["required"] = True
    described["schema"] = components.field(field)
    examples = {
        example.key: {"value": example.input[field.name]}
        for example in operation.examples
        if field.name in example.input
    }
    return described | ({"examples": examples} if examples else {})


def _request_body(operation: Operation, components: Components) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": components.input(operation)}
    examples = {example.key: {"value": _sent(example, operation.body)} for example in operation.examples}
    if examples:
        content["examples"] = examples
    return {"required": True, "content": {"application/json": content}}


def _sent(example: Example, body: tuple[Field, ...]) -> Mapping[str, Any]:
    names = {field.name for field in body}
    return {name: value for name, value in example.input.items() if name in names}
