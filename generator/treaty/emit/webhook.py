"""The module of a webhook: the descriptor, its route, and the task that works on what was stored."""

from __future__ import annotations

from treaty.emit.durations import timedelta
from treaty.emit.implementing import purpose
from treaty.emit.render import render
from treaty.emit.scope import Scope, module_doc
from treaty.emit.text import literal
from treaty.resolve.model import Handling, Model, Webhook


def emit_webhook(webhook: Webhook, model: Model, package: str) -> str:
    """The text of a webhook's module."""
    scope = Scope.of(model, package, webhook.module, taken={"WEBHOOK", "route", "task"})
    return render(
        "contract/webhook.py.jinja",
        doc=module_doc(webhook.header, purpose(webhook)),
        webhook=webhook,
        descriptor=scope.runtime("webhooks.descriptor", "Webhook"),
        tolerance=timedelta(webhook.tolerance_seconds, scope),
        keep=timedelta(webhook.keep_seconds, scope),
        tenant=_tenant(webhook, scope),
        handles=[_handling(handling, scope) for handling in webhook.handles],
        handler=scope.imports.name("litestar.handlers", "HTTPRouteHandler"),
        decorator=scope.imports.name("litestar", "post"),
        request=scope.imports.name("litestar", "Request"),
        response=scope.imports.name("litestar", "Response"),
        any=scope.imports.name("typing", "Any"),
        receive=scope.runtime("webhooks.receiving", "receive"),
        fetch=scope.runtime("webhooks.descriptor", "Fetch") if webhook.fetch else None,
        task=scope.runtime("jobs.descriptor", "SystemTask"),
        waiting=scope.runtime("webhooks.descriptor", "WaitingEvent"),
        routed=scope.runtime("webhooks.descriptor", "Routed"),
        routing=scope.runtime("webhooks.routing", "routing"),
        imports=scope.imports,
    )


def _tenant(webhook: Webhook, scope: Scope) -> str | None:
    if webhook.tenant is None:
        return None
    whose = scope.runtime("webhooks.descriptor", "Whose")
    return f"{whose}({literal(webhook.tenant.by.python_name)}, {literal(webhook.tenant.where)})"


def _handling(handling: Handling, scope: Scope) -> str:
    job = scope.model.jobs[handling.job]
    module, _, name = f"{scope.package}.{job.module}".rpartition(".")
    events = ", ".join(literal(event) for event in sorted(set(handling.events)))
    arguments = [f"events=frozenset({{{events}}})", f"job={scope.imports.name(module, name)}.JOB"]
    if handling.given:
        pairs = ", ".join(f"{literal(item.field.name)}: {literal(item.path)}" for item in handling.given)
        arguments.append(f"input={{{pairs}}}")
    if handling.tenant:
        arguments.append(f"tenant={literal(handling.tenant)}")
    return f"{scope.runtime('webhooks.descriptor', 'Handling')}({', '.join(arguments)})"
