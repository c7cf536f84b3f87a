"""The module of a job: input, output, the protocol of its implementation, and the descriptor."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.emit.durations import timedelta
from treaty.emit.implementing import (
    call_doc,
    input_class,
    input_name,
    output_class,
    output_name,
    protocol_doc,
    purpose,
    shapes,
)
from treaty.emit.render import render
from treaty.emit.scope import Scope, module_doc
from treaty.emit.sensitive import sensitive_paths
from treaty.emit.shapes import inline_names
from treaty.emit.text import literal
from treaty.json_schema import output_fields
from treaty.resolve.model import Job, Model


def emit_job(job: Job, model: Model, package: str) -> str:
    """The text of a job's module."""
    scope = Scope.of(model, package, job.module, taken=_own_names(job))
    return render(
        "contract/job.py.jinja",
        doc=module_doc(job.header, purpose(job)),
        job=job,
        classes=list(shapes(job, scope)),
        input=input_name(job, scope),
        output=output_name(job, scope),
        protocol=scope.imports.name("typing", "Protocol"),
        protocol_doc=protocol_doc(job),
        call_doc=call_doc(job, scope),
        unit_of_work=scope.runtime("unit_of_work", "UnitOfWork"),
        descriptor=scope.runtime("jobs.descriptor", "Job"),
        task=scope.runtime("jobs.descriptor", "Task"),
        arguments=list(_arguments(job, scope)),
        imports=scope.imports,
    )


def _own_names(job: Job) -> set[str]:
    output = job.output if isinstance(job.output, tuple) else ()
    names = {"JOB", "task", job.class_name, input_class(job), output_class(job)}
    return names | set(inline_names(output if job.on else (*job.input, *output)))


def _arguments(job: Job, scope: Scope) -> Iterator[str]:
    """What the descriptor says beside key, version, input, output and tenant; no defaults."""
    yield f"attempts={job.attempts}"
    yield f"backoff={timedelta(job.backoff_seconds, scope)}"
    yield f"timeout={timedelta(job.timeout_seconds, scope)}"
    if tenant_field := scope.model.tenant_field(job):
        yield f"tenant_field={literal(tenant_field.python_name)}"
    if job.schedule:
        schedule = scope.runtime("jobs.descriptor", "Schedule")
        yield f"schedule={schedule}({literal(job.schedule.cron)}, {literal(job.schedule.zone)})"
    if job.on:
        yield f"on={scope.contract(scope.model.events[job.on])}"
    if job.once:
        yield f"once={literal(job.once.python_name)}"
    if job.emits:
        events = (scope.contract(scope.model.events[emit.event]) for emit in job.emits)
        yield f"emits=({''.join(event + ',' for event in events)})"
    if job.audit:
        yield "audit=True"
    fields = {"sensitive": job.input, "sensitive_output": output_fields(scope.model, job.output)}
    for word, of in fields.items():
        if paths := sorted(sensitive_paths(of, scope.model)):
            yield f"{word}=frozenset({{{', '.join(literal(path) for path in paths)}}})"
