"""`app.py`, the composition root: operations and jobs with their implementations, and the definition of the service."""

from __future__ import annotations

from dataclasses import dataclass

from treaty.emit.imports import Imports
from treaty.emit.render import render
from treaty.emit.scope import ORIGIN_OF_ALL, Scope
from treaty.emit.text import docstring, literal
from treaty.project import Project
from treaty.resolve.model import Entity, Job, Model, Operation, Webhook

_OWN_NAMES = ("DEFINITION", "TASKS", "create_app", "settings", "clock")
_RUNTIME = {
    "definition": ("definition", "Definition"),
    "settings": ("settings", "Settings"),
    "clock": ("clock", "Clock"),
    "build_app": ("application", "build_app"),
}


@dataclass(frozen=True, slots=True)
class RouteView:
    """One contract: the local names of its generated module and of the function that implements it, if there is one."""

    module: str
    implementation: str
    has_csv: bool = False


def emit_application(model: Model, project: Project, package: str) -> str:
    """The text of the composition root."""
    scope = Scope.of(model, package, "app", taken=_OWN_NAMES)
    return render(
        "app.py.jinja",
        doc=docstring(f"{project.title}: every operation and job with its implementation.", ORIGIN_OF_ALL),
        title=project.title,
        version=project.version,
        path=scope.imports.name("pathlib", "Path"),
        litestar=scope.imports.name("litestar", "Litestar"),
        **{name: scope.runtime(module, symbol) for name, (module, symbol) in _RUNTIME.items()},
        routes=[_route(operation, scope) for operation in model.operations.values()],
        jobs=[_route(job, scope) for job in model.jobs.values()],
        webhooks=[_webhook(webhook, scope) for webhook in model.webhooks.values()],
        entities=[scope.contract(entity) for entity in model.entities.values()],
        events=[scope.contract(event) for event in model.events.values()],
        tenant=scope.contract(model.tenant_entity) if model.tenant_entity else None,
        memberships=_memberships(model.memberships, scope),
        entitlements=_entitlements(model.entitlements, scope),
        imports=scope.imports,
    )


def emit_steps(model: Model, package: str) -> str:
    """The text of the module that makes all phrases known."""
    scope = Scope.of(model, package, "steps", taken=("VOCABULARIES",))
    return render(
        "steps.py.jinja",
        doc=docstring("Every phrase of every vocabulary.", ORIGIN_OF_ALL),
        modules=[_module(f"{package}.{item.module}", scope.imports) for item in model.vocabularies.values()],
        imports=scope.imports,
    )


def _route(contract: Operation | Job, scope: Scope) -> RouteView:
    module, function = contract.implementation
    return RouteView(
        module=_module(f"{scope.package}.{contract.module}", scope.imports),
        implementation=f"{_module(module, scope.imports)}.{function}",
        has_csv=isinstance(contract, Operation) and contract.csv is not None,
    )


def _webhook(webhook: Webhook, scope: Scope) -> RouteView:
    module, function = webhook.fetch or ("", "")
    return RouteView(
        module=_module(f"{scope.package}.{webhook.module}", scope.imports),
        implementation=f"{_module(module, scope.imports)}.{function}" if webhook.fetch else "",
    )


def _module(module: str, imports: Imports) -> str:
    """The local name of a module."""
    parent, _, name = module.rpartition(".")
    return imports.name(parent, name) if parent else imports.module(module)


def _memberships(entity: Entity | None, scope: Scope) -> str | None:
    if entity is None or entity.grants is None:
        return None
    person, role = entity.grants.person.python_name, entity.grants.role.python_name
    memberships = scope.runtime("definition", "Memberships")
    return f"{memberships}(entity={scope.contract(entity)}, person={literal(person)}, role={literal(role)})"


def _entitlements(entity: Entity | None, scope: Scope) -> str | None:
    if entity is None or entity.entitles is None:
        return None
    feature, lapsed = entity.entitles.feature.python_name, entity.entitles.lapsed.python_name
    entitlements = scope.runtime("definition", "Entitlements")
    return f"{entitlements}(entity={scope.contract(entity)}, feature={literal(feature)}, lapsed={literal(lapsed)})"
