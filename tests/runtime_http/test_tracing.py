"""Traces through HTTP, SQL and the relay, as a receiver of spans sees them; and nothing of them when they are off."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from tests.runtime_http.conftest import Notes
from tests.runtime_http.test_commands import environment, project, running
from tests.runtime_http.test_jobs import COPY, CopyInput, CopyOutput, unit_of_work
from tests.runtime_http.test_relay import relay
from tests.support.project import Project
from treaty_runtime.jobs.descriptor import Task
from treaty_runtime.jobs.queue import Queue
from treaty_runtime.observability.background import ObservedSink
from treaty_runtime.observability.open_telemetry import OpenTelemetry
from treaty_runtime.sinks import HttpSink
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["project"]

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLER = f"00-{TRACE}-{SPAN}-01"


@dataclass
class Traced:
    """The notes service, traced, and the spans of it."""

    notes: Notes
    tracing: OpenTelemetry
    exporter: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def spans(self, trace: str | None = None) -> list[ReadableSpan]:
        """All finished spans, or those of one trace, in the order in which they began."""
        found = sorted(self.exporter.get_finished_spans(), key=lambda span: span.start_time or 0)
        return [span for span in found if trace is None or f"{span.context.trace_id:032x}" == trace]


@pytest.fixture
def traced(service: Notes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traced]:
    exporter = InMemorySpanExporter()
    tracing = OpenTelemetry(SimpleSpanProcessor(exporter), 1.0, "Notes", "1.0.0")
    app = service.replicas[0].app
    for engine in app.state.service.database.engines.values():
        tracing.statements(engine.sync_engine)
    monkeypatch.setattr(app.state, "service", replace(app.state.service, tracing=tracing))
    yield Traced(service, tracing, exporter)
    tracing.close()


def told(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_request_is_a_part_of_its_caller_s_trace(traced: Traced) -> None:
    notes = traced.notes
    notes.organization(ann="admin")
    answer = notes.send(
        "POST",
        "/notes",
        notes.token("ann"),
        json={"title": "one"},
        headers={"traceparent": CALLER, "X-Request-Id": "r1"},
    )
    assert answer.status_code == 201
    spans = traced.spans(TRACE)
    (request,) = [span for span in spans if span.kind.name == "SERVER"]
    assert request.name == "POST /notes"
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == SPAN
    assert told(request) == {
        "http.request.method": "POST", "http.route": "/notes", "http.response.status_code": 201,
        "treaty.operation": "notes.write", "treaty.request_id": "r1",
    }  # fmt: skip
    statements = [span for span in spans if span.kind.name == "CLIENT"]
    assert {span.parent.span_id for span in statements if span.parent} == {request.context.span_id}
    assert {"INSERT notes_note", "INSERT treaty.outbox", "INSERT treaty.audit"} <= {span.name for span in statements}
    assert notes.logged("request")[-1]["trace_id"] == TRACE


@pytest.mark.parametrize("header", ["", "00-zz", "ff" * 500, "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_what_is_no_trace_begins_one(traced: Traced, header: str) -> None:
    headers = {"traceparent": header} if header else {}
    assert traced.notes.send("GET", "/who/anybody", headers=headers).status_code == 200
    (request,) = [span for span in traced.spans() if span.kind.name == "SERVER"]
    assert request.parent is None


def test_a_caller_that_is_not_traced_is_not(traced: Traced) -> None:
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-00"}
    assert traced.notes.send("GET", "/who/anybody", headers=headers).status_code == 200
    assert traced.spans() == []


def test_failures_are_marked_and_refusals_named(traced: Traced) -> None:
    notes = traced.notes
    notes.organization(ann="admin")
    token = notes.token("ann")
    for how in ("exception", "database"):
        notes.send("POST", "/break", token, json={"how": how})
    notes.send("POST", "/notes", token, json={})
    *failed, refused = [span for span in traced.spans() if span.kind.name == "SERVER"]
    assert [span.status.status_code for span in failed] == [StatusCode.ERROR] * 2
    assert [told(span)["treaty.problem"] for span in (*failed, refused)] == ["internal", "internal", "invalid"]
    assert refused.status.status_code is StatusCode.UNSET
    (statement,) = [span for span in traced.spans() if span.kind.name == "CLIENT" and not span.status.is_unset]
    assert told(statement)["error.type"] == "UniqueViolation"


def test_an_event_carries_the_trace_to_its_receiver(traced: Traced) -> None:
    notes = traced.notes
    notes.organization(ann="admin")
    notes.send("POST", "/notes", notes.token("ann"), json={"title": "one"}, headers={"traceparent": CALLER})
    received: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        received.append(request)
        return httpx.Response(204 if len(received) > 1 else 500)

    async def delivered() -> None:
        own = notes.replicas[0].service
        async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as client:
            sink = ObservedSink(
                HttpSink(client, "https://receiver.example", "urn:notes", notes.clock), own.metrics, traced.tracing
            )
            await relay(notes, sink).drain()
            notes.clock.set(notes.clock.now().replace(hour=23))
            await relay(notes, sink).drain()

    notes.run(delivered())
    (request,) = [span for span in traced.spans(TRACE) if span.kind.name == "SERVER"]
    deliveries = [span for span in traced.spans(TRACE) if span.kind.name == "CONSUMER"]
    assert [span.name for span in deliveries] == ["deliver note.written"] * 3
    assert [span.status.status_code for span in deliveries] == [StatusCode.ERROR, StatusCode.UNSET, StatusCode.UNSET]
    told_in = f"00-{TRACE}-{request.context.span_id:016x}-01"
    for sent, span in zip(received, deliveries, strict=True):
        assert sent.headers["traceparent"] == f"00-{TRACE}-{span.context.span_id:016x}-01"
        assert span.parent is not None
        assert span.parent.span_id == request.context.span_id
        assert f'"traceparent":"{told_in}"' in sent.content.decode().replace(": ", ":")


def test_a_job_is_a_part_of_the_trace_that_it_was_ordered_in(traced: Traced) -> None:
    notes = traced.notes
    organization = notes.organization()

    async def fail(uow: UnitOfWork, payload: CopyInput, /) -> CopyOutput:
        raise ConnectionError(payload.title)

    async def ordered_and_tried() -> None:
        with traced.tracing.work("order", CALLER):
            async with unit_of_work(notes, organization) as uow:
                uow.enqueue(COPY, CopyInput(organization_id=organization, title="xyzzy-plugh"))
        async with Queue.open(notes.replicas[0].service, [Task(COPY, fail)]) as queue:
            assert await queue.drain() == 1

    notes.run(ordered_and_tried())
    order, job = (span for span in traced.spans(TRACE) if span.kind.name == "CONSUMER")
    assert (job.name, job.status.status_code) == ("job notes.copy", StatusCode.ERROR)
    assert job.parent is not None
    assert job.parent.span_id == order.context.span_id
    assert told(job)["error.type"] == "ConnectionError"
    assert "xyzzy-plugh" not in "".join(span.to_json() for span in traced.spans())


def test_spans_hold_no_values(traced: Traced) -> None:
    notes = traced.notes
    organization = notes.organization(ann="admin")
    key, secret, title = notes.key(organization), "hunter2-secret", "xyzzy-plugh"
    notes.send("POST", "/notes", key.text, json={"title": title, "secret": secret, "requestKey": "key-of-a-request"})
    notes.send("POST", "/notes", notes.token("ann"), json={"title": title, "secret": secret})
    notes.send("POST", "/break", key.text, json={"how": "exception", "secret": secret})
    notes.send("POST", "/break", key.text, json={"how": "database", "secret": secret})
    notes.send("GET", f"/notes/{uuid4()}?nothing={secret}", key.text)
    notes.send("POST", f"/echo/{title[:5]}?tags={title[-4:]}", json={"text": secret})
    everything = "".join(span.to_json() for span in traced.spans())
    assert everything.count("notes.write") >= 2
    assert '"GET /notes/{note}"' in everything
    written = (title[:5], title[-4:], "key-of-a-request", "left by")
    for value in (secret, *written, key.text, key.prefix, str(organization), 'ann"'):
        assert value not in everything, value


@dataclass
class Collector:
    """An OpenTelemetry collector, as far as it takes traces."""

    server: ThreadingHTTPServer
    names: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1/traces"


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                known = {item.key: item.value.string_value for item in resource.resource.attributes}
                assert (known["service.name"], known["service.version"]) == ("Notes", "1.0.0")
                found.names += [span.name for scope in resource.scope_spans for span in scope.spans]
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    found = Collector(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    thread = Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def test_a_process_sends_its_spans_before_it_ends(service: Notes, project: Project, collector: Collector) -> None:
    key = service.key(service.organization()).text
    with running(project, environment(service, TREATY_TRACES_URL=collector.url), "serve", "--with-worker") as served:
        address = served.line("serving")["address"]
        headers = {"Authorization": f"Bearer {key}"}
        assert httpx.post(f"{address}/notes", json={"title": "one"}, headers=headers).status_code == 201
        served.line("event")
        assert served.stop() == 0
    assert {"POST /notes", "INSERT notes_note", "deliver note.written"} <= set(collector.names)
    assert [line for line in served.lines if line["level"] not in {"info", "debug"}] == []


def test_a_collector_that_is_away_harms_nobody(service: Notes, project: Project) -> None:
    settings = environment(service, TREATY_TRACES_URL="http://127.0.0.1:1/v1/traces")
    with running(project, settings, "serve") as served:
        address = served.line("serving")["address"]
        assert httpx.get(f"{address}/who/anybody").status_code == 200
        assert served.stop() == 0


OFF = """
import sys
import generated.app
from treaty_runtime.settings import Settings
from treaty_runtime.service import open_service
from treaty_runtime.worker import work
from treaty_runtime.observability.tracing import tracing_of
assert tracing_of(Settings(), "Notes", "1.0.0") is None
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""
WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from treaty_runtime.settings import Settings
from treaty_runtime.observability.tracing import tracing_of
try:
    tracing_of(Settings(traces_url="http://127.0.0.1:1/"), "Notes", "1.0.0")
except Exception as error:
    print(type(error).__name__, error)
"""


def test_nothing_of_it_is_imported_while_it_is_off(project: Project) -> None:
    done = subprocess.run([sys.executable, "-c", OFF], cwd=project.folder, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_where_it_is_not_installed_that_is_one_message() -> None:
    said = subprocess.run([sys.executable, "-c", WITHOUT], text=True, capture_output=True, check=False).stdout
    assert re.fullmatch(
        r"SettingsError TREATY_TRACES_URL is set, .* Install treaty-runtime\[otel\], or unset it\.\n", said
    )
