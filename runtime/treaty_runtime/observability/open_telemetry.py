"""Traces as OpenTelemetry makes them. Spans say what was done, to what and how it went, never with which values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from litestar.types import Scope
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import Engine, event

from treaty_runtime.observability.tracing import TRACEPARENT
from treaty_runtime.observation import Observation

__all__ = ["OpenTelemetry"]

# What a statement does and to which table: all of it that cannot hold a value.
_SUMMARY = re.compile(
    r"\s*(?:WITH\b.*?\b(?=SELECT|INSERT|UPDATE|DELETE))?(\w+)(?:.*?\b(?:FROM|INTO|UPDATE|TABLE)\s+([\w.]+))?",
    re.IGNORECASE | re.DOTALL,
)
_TYPE_OF_PARAMETER = re.compile(r":\w+\}")  # the web framework's `{note:str}`
_KNOWN = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "SET", "COPY", "LOCK", "CALL", "SHOW"})
_CARRIER = TraceContextTextMapPropagator()
_SPAN = "treaty_span"
LONGEST_SENDING = 5.0  # seconds


class OpenTelemetry:
    """Traces of one process, in a provider of their own. `close` sends what is not sent yet."""

    def __init__(self, processor: SpanProcessor, share: float, title: str, version: str) -> None:
        """`share` of the requests are traced that come without a trace; those that come with one are as it says."""
        resource = Resource.create({"service.name": title, "service.version": version})
        sampler = ParentBased(TraceIdRatioBased(share))
        self._provider = TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("treaty_runtime")

    @classmethod
    def exporting(cls, url: str, share: float, title: str, version: str) -> Self:
        """Send spans by OTLP over HTTP, in batches, from a thread of their own."""
        return cls(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=LONGEST_SENDING)), share, title, version)

    def close(self) -> None:
        """Send what is not sent yet."""
        self._provider.shutdown()

    @contextmanager
    def request(self, scope: Scope, observation: Observation) -> Iterator[None]:
        """A request: its route is known in the end."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        parent = _CARRIER.extract({name: headers[name] for name in ("traceparent", "tracestate") if name in headers})
        with self._current(str(scope.get("method")), SpanKind.SERVER, parent) as span:
            observation.trace_id = trace.format_trace_id(span.get_span_context().trace_id)
            try:
                yield
            finally:
                _say_request(span, scope, observation)

    @contextmanager
    def work(self, name: str, traceparent: str | None, **attributes: str) -> Iterator[None]:
        """Work in the background; what it raises marks it as failed."""
        parent = _CARRIER.extract({"traceparent": traceparent} if traceparent else {})
        with self._current(name, SpanKind.CONSUMER, parent) as span:
            span.set_attributes(attributes)
            try:
                yield
            except BaseException as error:
                _say_failure(span, error)
                raise

    def statements(self, engine: Engine) -> None:
        """Statements, each a span below the one that it is a part of; those of nobody are left out."""
        event.listen(engine, "before_cursor_execute", self._begin_statement)
        event.listen(engine, "after_cursor_execute", _end_statement)
        event.listen(engine, "handle_error", _fail_statement)

    @contextmanager
    def _current(self, name: str, kind: SpanKind, parent: Any) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            context=parent,
            kind=kind,
            record_exception=False,  # what an exception says may hold a value
            set_status_on_exception=False,
        ) as span:
            carried: dict[str, str] = {}
            _CARRIER.inject(carried)
            before = TRACEPARENT.set(carried.get("traceparent"))
            try:
                yield span
            finally:
                TRACEPARENT.reset(before)

    def _begin_statement(
        self, _connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: Any
    ) -> None:
        if context is None or not trace.get_current_span().is_recording():
            return
        operation, table = _summary(statement)
        attributes = {"db.system.name": "postgresql", "db.operation.name": operation}
        if table:
            attributes["db.collection.name"] = table
        name = f"{operation} {table}" if table else operation
        setattr(context, _SPAN, self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes))


def _end_statement(_connection: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: Any) -> None:
    if (span := getattr(context, _SPAN, None)) is not None:
        span.end()


def _fail_statement(failed: Any) -> None:
    if (span := getattr(failed.execution_context, _SPAN, None)) is not None:
        _say_failure(span, failed.original_exception)
        span.end()


def _say_request(span: Span, scope: Scope, observation: Observation) -> None:
    if not span.is_recording():
        return
    route = _TYPE_OF_PARAMETER.sub("}", str(scope.get("path_template") or "")) or None
    method, status = str(scope.get("method")), observation.status
    span.update_name(f"{method} {route}" if route else method)
    said: dict[str, Any] = {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
        "treaty.operation": observation.operation,
        "treaty.problem": observation.code or None,
        "treaty.request_id": observation.request_id,
    }
    span.set_attributes({name: value for name, value in said.items() if value is not None})
    if status is None or status >= 500:
        span.set_status(Status(StatusCode.ERROR))


def _say_failure(span: Span, error: BaseException) -> None:
    """The kind of what went wrong, and no more of it."""
    span.set_attribute("error.type", type(error).__qualname__)
    span.set_status(Status(StatusCode.ERROR))


def _summary(statement: str) -> tuple[str, str | None]:
    """What a statement does and to what, if it is one of the usual ones."""
    found = _SUMMARY.match(statement)
    if found is None or found[1].upper() not in _KNOWN:
        return "SQL", None
    return found[1].upper(), found[2]
