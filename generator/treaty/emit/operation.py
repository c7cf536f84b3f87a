"""The module of an operation: input, output, errors, the protocol of its implementation, descriptor and route."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

from treaty import csv_text
from treaty.emit.durations import from_datetime, timedelta
from treaty.emit.implementing import call_doc, input_class, output_class, output_name, protocol_doc, purpose, shapes
from treaty.emit.python_types import plain, stored
from treaty.emit.read_roles import guarded_paths
from treaty.emit.render import render
from treaty.emit.scope import Scope, module_doc
from treaty.emit.sensitive import sensitive_paths
from treaty.emit.service_levels import in_words, seconds
from treaty.emit.shapes import inline_names
from treaty.emit.text import docstring, literal, pair
from treaty.json_schema import output_fields
from treaty.names import field_name
from treaty.resolve.model import (
    Error,
    Export,
    Field,
    FieldType,
    Idempotency,
    ListOf,
    Model,
    Operation,
    Page,
    Parameter,
    Policy,
    Scalar,
)

_PARAMETER_KINDS = {"integer": "integer", "number": "number", "boolean": "boolean"}
_PERIODS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}


@dataclass(frozen=True, slots=True)
class ErrorView:
    """An exception class, ready to be printed."""

    name: str
    doc: str
    code: str
    status: int
    title: str


@dataclass(frozen=True, slots=True)
class CsvView:
    """The second route of an operation, ready to be printed: local names, and its path twice."""

    http_path: str
    path: str
    decorator: str
    app: str
    serve: str


def emit_operation(operation: Operation, model: Model, package: str) -> str:
    """The text of an operation's module."""
    scope = Scope.of(model, package, operation.module, taken=_own_names(operation))
    return render(
        "contract/operation.py.jinja",
        doc=module_doc(operation.header, "\n".join(_about(operation))),
        operation=operation,
        classes=list(shapes(operation, scope)),
        errors=[_error(error) for error in operation.errors],
        base=scope.runtime("refusals", "Refusal") if operation.errors else None,
        input=input_class(operation),
        output=output_name(operation, scope),
        protocol=scope.imports.name("typing", "Protocol"),
        protocol_doc=protocol_doc(operation),
        call_doc=call_doc(operation, scope),
        call=_call(operation, scope),
        descriptor=scope.runtime("operations", "Operation"),
        arguments=list(_arguments(operation, scope)),
        decorator=scope.imports.name("litestar", operation.method.lower()),
        any=scope.imports.name("typing", "Any"),
        request=scope.imports.name("litestar", "Request"),
        response=scope.imports.name("litestar", "Response"),
        handler=scope.imports.name("litestar.handlers", "HTTPRouteHandler"),
        path=literal(_framework_path(operation.http_path)),
        serve=scope.runtime("pipeline", "serve_batch" if operation.batch else "serve"),
        without_body=operation.status == HTTPStatus.NO_CONTENT,
        csv=_csv_route(operation.csv, scope) if operation.csv else None,
        imports=scope.imports,
    )


def _csv_route(export: Export, scope: Scope) -> CsvView:
    return CsvView(
        http_path=export.http_path,
        path=literal(_framework_path(export.http_path)),
        decorator=scope.imports.name("litestar", "get"),
        app=scope.imports.name("litestar.types", "ASGIApp"),
        serve=scope.runtime("exports", "serve_csv"),
    )


def _framework_path(path: str) -> str:
    return path.replace("}", ":str}")


def _own_names(operation: Operation) -> set[str]:
    output = operation.output if isinstance(operation.output, tuple) else ()
    return {
        "OPERATION",
        "route",
        *(["csv_route"] if operation.csv else ()),
        operation.class_name,
        input_class(operation),
        output_class(operation),
        *(error.class_name for error in operation.errors),
        *inline_names((*operation.input, *output)),
    }


def _error(error: Error) -> ErrorView:
    return ErrorView(
        name=error.class_name,
        doc=docstring(error.when, indent=4),
        code=error.code,
        status=error.status,
        title=literal(error.when),
    )


def _call(operation: Operation, scope: Scope) -> str:
    """What an implementation takes and returns: one request and its output, or many and a result for each."""
    taken, made = input_class(operation), output_name(operation, scope)
    if not operation.batch:
        page = f", page: {scope.runtime('pages', 'Page')}[{_position(operation.page, scope)}]" if operation.page else ""
        return f"uow: {scope.runtime('unit_of_work', 'UnitOfWork')}, payload: {taken}{page}, /) -> {made}"
    sequence = scope.imports.name("collections.abc", "Sequence")
    uow, item = scope.runtime("unit_of_work", "Transaction"), scope.runtime("unit_of_work", "Item")
    result = scope.runtime("operations", "Result")
    return f"uow: {uow}, items: {sequence}[{item}[{taken}]], /) -> {sequence}[{result}[{made}]]"


def _about(operation: Operation) -> Iterator[str]:
    """What an operation is for, and how well it is to be served."""
    if why := purpose(operation):
        yield why
    if operation.service_level:
        yield f"Service level: {in_words(operation.service_level)}"


def _arguments(operation: Operation, scope: Scope) -> Iterator[str]:
    """What the descriptor says beside key, version, method, path, status, input and output; no defaults."""
    if operation.body:
        yield "has_body=True"
    if operation.parameters:
        yield f"parameters=({''.join(_parameter(parameter, scope) + ',' for parameter in operation.parameters)})"
    if operation.errors:
        yield f"errors=({''.join(error.class_name + ',' for error in operation.errors)})"
    if operation.emits:
        events = (scope.contract(scope.model.events[emit.event]) for emit in operation.emits)
        yield f"emits=({''.join(event + ',' for event in events)})"
    if operation.page:
        yield f"paging={_paging(operation.page, scope)}"
        if operation.page.csv:
            yield f"csv={_csv(operation.page, operation.page.csv, operation.header.name, scope)}"
    yield from _policy(operation.policy, scope)
    if operation.service_level and operation.service_level.latency_milliseconds:
        yield f"latency_objective={seconds(operation.service_level.latency_milliseconds)}"
    yield from _versions(operation, scope)
    sensitive = sorted(sensitive_paths(operation.input, scope.model))
    if sensitive:
        yield f"sensitive={_names(sensitive)}"
    hidden = dict(sorted(guarded_paths(output_fields(scope.model, operation.output), scope.model)))
    if hidden:
        yield f"read_roles={{{', '.join(pair(path, _names(roles)) for path, roles in hidden.items())}}}"


def _paging(page: Page, scope: Scope) -> str:
    order = ", ".join(literal(field.python_name) for field in page.order)
    order += "," if len(page.order) == 1 else ""
    arguments = [
        f"of={literal(field_name(page.of))}",
        f"limit={page.limit}",
        f"order=({order})",
        f"position={_position(page, scope)}",
    ]
    return f"{scope.runtime('operations', 'Paging')}({', '.join(arguments)})"


def _csv(page: Page, export: Export, name: str, scope: Scope) -> str:
    columns = "".join(f"{_column(field, kind, scope)}, " for field, kind in csv_text.columns(page, scope.model))
    beside = "".join(f"{literal(field.name)}, " for field in page.beside)
    arguments = [
        f"path={literal(export.http_path)}",
        f"file_name={literal(csv_text.file_name(name))}",
        f"of={literal(page.of)}",
        f"columns=({columns})",
        *([f"beside=({beside})"] if beside else []),
    ]
    return f"{scope.runtime('operations', 'Csv')}({', '.join(arguments)})"


def _column(field: Field, kind: str, scope: Scope) -> str:
    said = "" if kind == "plain" else f", {plain(kind)}"
    return f"{scope.runtime('operations', 'CsvColumn')}({literal(field.name)}{said})"


def _position(page: Page, scope: Scope) -> str:
    """The type of an item's place in the order."""
    return f"tuple[{', '.join(stored(field.type, scope) for field in page.order)}]"


def _policy(policy: Policy, scope: Scope) -> Iterator[str]:
    if policy.auth != "user":
        yield f"auth={plain(policy.auth)}"
    if policy.flag:
        yield f"flag={literal(policy.flag)}"
    if policy.roles:
        yield f"roles={_names(policy.roles)}"
    if policy.rate_limit:
        limit = scope.runtime("operations", "RateLimit")
        per = timedelta(_PERIODS[policy.rate_limit.per], scope)
        yield f"rate_limit={limit}(requests={policy.rate_limit.requests}, per={per}, by={plain(policy.rate_limit.by)})"
    if policy.idempotency:
        yield f"idempotency={_idempotency(policy.idempotency, scope)}"
    if policy.entitlement:
        yield f"entitlement={literal(policy.entitlement)}"
    if policy.cache_seconds:
        yield f"cache={timedelta(policy.cache_seconds, scope)}"
    if policy.audit:
        yield "audit=True"


def _names(names: Iterable[str]) -> str:
    return f"frozenset({{{', '.join(literal(name) for name in sorted(set(names)))}}})"


def _versions(operation: Operation, scope: Scope) -> Iterator[str]:
    header, successor = operation.header, scope.model.successor(operation)
    if header.is_older:
        yield "is_older=True"
    if successor and successor.http_path != operation.http_path:
        yield f"successor={literal(successor.http_path)}"
    for word, day in (("deprecated", header.deprecated), ("sunset", header.sunset)):
        if day:
            yield f"{word}={from_datetime('date', scope)}({day.year}, {day.month}, {day.day})"


def _parameter(parameter: Parameter, scope: Scope) -> str:
    field = parameter.field
    arguments = [
        f"field={literal(field.name)}",
        f"place={plain(parameter.place)}",
        f"name={literal(parameter.wire_name)}",
    ]
    kind = _parameter_kind(field.type)
    if kind != "string":
        arguments.append(f"kind={plain(kind)}")
    if isinstance(field.type, ListOf):
        arguments.append("many=True")
    return f"{scope.runtime('operations', 'Parameter')}({', '.join(arguments)})"


def _parameter_kind(kind: FieldType) -> str:
    kind = kind.item if isinstance(kind, ListOf) else kind
    return _PARAMETER_KINDS.get(kind.name, "string") if isinstance(kind, Scalar) else "string"


def _idempotency(idempotency: Idempotency, scope: Scope) -> str:
    name = scope.runtime("operations", "Idempotency")
    return f"{name}(field={literal(idempotency.field.python_name)}, keep={timedelta(idempotency.keep_seconds, scope)})"
