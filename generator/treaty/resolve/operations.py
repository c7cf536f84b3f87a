"""Commands and queries, linked."""

from __future__ import annotations

from treaty import names
from treaty.contract.job import JobContract
from treaty.contract.operation import (
    CacheSpec,
    EmitSpec,
    ErrorSpec,
    IdempotencySpec,
    OperationContract,
    RateLimitSpec,
)
from treaty.contract.parse import Parsed
from treaty.contract.spelling import respelling, suggestion
from treaty.contract.webhook import WebhookContract
from treaty.resolve.acceptance import examples, scenarios
from treaty.resolve.context import Context
from treaty.resolve.defaults import Merged
from treaty.resolve.durations import seconds
from treaty.resolve.fields import FieldReader
from treaty.resolve.http import HttpLine, http_line
from treaty.resolve.model import (
    Emit,
    Error,
    Field,
    Header,
    Idempotency,
    Operation,
    Parameter,
    Policy,
    RateLimit,
    TypeRef,
)
from treaty.resolve.pages import page_fields, page_of
from treaty.resolve.service_levels import service_level

_WITHOUT_BODY = ("GET", "DELETE")
# Stands in for an http line that could not be read: an operation that rules leave alone.
NO_PATH = HttpLine("POST", "", 200)


def operation(parsed: Parsed[OperationContract], header: Header, merged: Merged, context: Context) -> Operation:
    """An operation: where its fields travel, what it may refuse and tell, who may call it."""
    contract = parsed.contract
    class_name = names.class_name(parsed.name)
    reader = FieldReader(context, parsed)
    http = http_of(parsed, context)
    page = page_of(parsed, reader, class_name, context)
    own = reader.read(contract.input, ("input",), f"{class_name}Input")
    fields = (*own, *page.asked) if page else own
    parameters = _parameters(parsed, http, fields, context)
    placed = {parameter.field.name for parameter in parameters}
    return Operation(
        header=header,
        module=names.module(parsed.namespace, parsed.name),
        class_name=class_name,
        implementation=names.implementation(parsed.namespace, parsed.name, contract.handler, batch=contract.batch),
        batch=contract.batch,
        goal=contract.goal,
        context=contract.context,
        method=http.method,
        http_path=http.path,
        status=http.status,
        input=fields,
        body=tuple(field for field in fields if field.name not in placed),
        parameters=parameters,
        output=page_fields(page, parsed) if page else output_of(parsed, reader, class_name, context),
        page=page,
        errors=_errors(merged),
        policy=_policy(merged, fields, context),
        service_level=service_level(contract.slo),
        emits=emits_of(parsed, context),
        scenarios=scenarios(parsed),
        examples=examples(parsed),
    )


def http_of(parsed: Parsed[OperationContract] | Parsed[WebhookContract], context: Context) -> HttpLine:
    """The http line of an operation or a webhook; one that could not be read is complained about."""
    return http_line(parsed.contract.http, parsed.at("http"), context) or NO_PATH


def _parameters(
    parsed: Parsed[OperationContract], http: HttpLine, fields: tuple[Field, ...], context: Context
) -> tuple[Parameter, ...]:
    headers = parsed.contract.headers
    known = {field.name for field in fields}
    for name in headers:
        if name not in known:
            meant = suggestion(name, known)
            at = parsed.key_at("headers", name)
            context.complain(
                at,
                "field-unknown",
                f"The input has no field `{name}`.",
                f"Did you mean `{meant}`?" if meant else "Add it to `input`, or delete it here.",
                respelling(at, name, known),
            )
    found = []
    for field in fields:
        if field.name in http.placeholders:
            found.append(Parameter(field=field, place="path", wire_name=field.name))
        elif field.name in headers:
            found.append(Parameter(field=field, place="header", wire_name=headers[field.name]))
        elif http.method in _WITHOUT_BODY:
            found.append(Parameter(field=field, place="query", wire_name=field.name))
    return tuple(found)


def output_of(
    parsed: Parsed[OperationContract] | Parsed[JobContract], reader: FieldReader, class_name: str, context: Context
) -> tuple[Field, ...] | TypeRef:
    """What an operation answers, or a job tells when it is done."""
    output = parsed.contract.output
    if isinstance(output, dict):
        return reader.read(output, ("output",), f"{class_name}Output")
    if not isinstance(output, str):
        return ()  # a page, of which `page_fields` makes the output
    key = context.reference(output, parsed.namespace, ("type",), parsed.at("output"))
    return TypeRef(key) if key else ()


def _errors(merged: Merged) -> tuple[Error, ...]:
    found = []
    for code, said in merged.errors.items():
        spec: ErrorSpec = said.value
        found.append(
            Error(code=code, class_name=names.error_class(code), status=spec.status, when=spec.when, at=said.at)
        )
    return tuple(found)


def _policy(merged: Merged, fields: tuple[Field, ...], context: Context) -> Policy:
    said = {word: item.value for word, item in merged.policy.items()}
    rate: RateLimitSpec | None = said.get("rate_limit")
    cache: CacheSpec | None = said.get("cache")
    return Policy(
        auth=said.get("auth", "user"),
        flag=said.get("flag"),
        roles=said.get("roles", ()),
        rate_limit=RateLimit(requests=rate.requests, per=rate.per, by=rate.by) if rate else None,
        idempotency=_idempotency(merged, fields, context),
        entitlement=said.get("entitlement"),
        cache_seconds=seconds(cache.private) if cache else None,
        audit=said.get("audit", False),
    )


def _idempotency(merged: Merged, fields: tuple[Field, ...], context: Context) -> Idempotency | None:
    said = merged.policy.get("idempotency")
    if said is None:
        return None
    spec: IdempotencySpec = said.value
    field = next((field for field in fields if field.name == spec.key), None)
    if field is None:
        meant = suggestion(spec.key, [field.name for field in fields])
        context.complain(
            said.at,
            "field-unknown",
            f"`idempotency` names `{spec.key}`, and the input has no such field.",
            f"Did you mean `{meant}`?" if meant else f"Add `{spec.key}: string` to `input`.",
        )
        return None
    return Idempotency(field=field, keep_seconds=seconds(spec.keep))


def emits_of(parsed: Parsed[OperationContract] | Parsed[JobContract], context: Context) -> tuple[Emit, ...]:
    """The events that an operation or a job may emit."""
    found = []
    for position, emit in enumerate(parsed.contract.emits):
        spec = emit if isinstance(emit, EmitSpec) else EmitSpec(event=emit)
        at = parsed.at("emits", position) if isinstance(emit, str) else parsed.at("emits", position, "event")
        if key := context.reference(spec.event, parsed.namespace, ("event",), at):
            found.append(Emit(event=key, when=spec.when, at=at))
    return tuple(found)
