"""The document as a whole: what the service is, its paths, its components."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from treaty.emit.openapi.components import Components
from treaty.emit.openapi.operation import BEARER, export_object, operation_object
from treaty.emit.openapi.responses import CACHE_HEADERS, ENDING_HEADERS, EXPORT_HEADERS, HEADERS, ending_headers
from treaty.emit.openapi.webhook import webhook_object
from treaty.emit.scope import ORIGIN_OF_ALL
from treaty.emit.text import json_file, one_line
from treaty.project import Project
from treaty.resolve.model import Model, Operation, Webhook

_METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")


def emit_openapi(model: Model, project: Project, shared_names: Iterable[str] = ()) -> str:
    """The text of the OpenAPI document; for `shared_names` see `Components`."""
    components = Components.of(model, shared_names)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": _info(project),
        "x-generated": one_line(ORIGIN_OF_ALL),
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in _tags(model)],
        "paths": _paths(model, components),
        "components": {
            "schemas": components.schemas(),
            "headers": HEADERS | _cache_headers(model) | _export_headers(model) | _ending_headers(model),
            "securitySchemes": {BEARER: _bearer()},
        },
    }
    return json_file(document)


def _cache_headers(model: Model) -> dict[str, Any]:
    kept = any(operation.policy.cache_seconds for operation in model.operations.values())
    return CACHE_HEADERS if kept else {}


def _export_headers(model: Model) -> dict[str, Any]:
    exported = [operation.page for operation in model.operations.values() if operation.page and operation.page.csv]
    named = ["Content-Disposition"] * bool(exported) + ["Treaty-With"] * any(page.beside for page in exported)
    return {name: EXPORT_HEADERS[name] for name in named}


def _ending_headers(model: Model) -> dict[str, Any]:
    used = {name for operation in model.operations.values() for name in ending_headers(operation, model)}
    return {name: header for name, header in ENDING_HEADERS.items() if name in used}


def _info(project: Project) -> dict[str, Any]:
    info = {"title": project.title, "version": project.version}
    return info | ({"description": project.description} if project.description else {})


def _tags(model: Model) -> list[str]:
    routed: tuple[Operation | Webhook, ...] = (*model.operations.values(), *model.webhooks.values())
    return sorted({tag for contract in routed for tag in contract.header.tags[-1:]})


def _paths(model: Model, components: Components) -> dict[str, Any]:
    """Paths in the order of their text, methods in the order of `_METHODS`."""
    found: list[tuple[Operation | Webhook, dict[str, Any]]] = [
        (webhook, webhook_object(webhook)) for webhook in model.webhooks.values()
    ]
    for operation in model.operations.values():
        found.append((operation, operation_object(operation, model, components)))
        if operation.page and (export := operation.as_csv()):
            found.append((export, export_object(export, operation.page, model, components)))
    paths: dict[str, Any] = {}
    for contract, described in sorted(found, key=lambda item: (item[0].http_path, _METHODS.index(item[0].method))):
        paths.setdefault(contract.http_path, {})[contract.method.lower()] = described
    return paths


def _bearer() -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "bearer",
        "description": "`Authorization: Bearer` with a person's access token (JWT) or a service's API key (`tk_…`).",
    }
