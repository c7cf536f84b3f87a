"""From the linked model to the text of every generated file. Pure: nothing here reads or writes."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.emit.alerts import emit_alerts
from treaty.emit.application import emit_application, emit_steps
from treaty.emit.asyncapi import emit_asyncapi
from treaty.emit.entity import emit_entity
from treaty.emit.event import emit_event, emit_event_schema
from treaty.emit.feature import emit_feature
from treaty.emit.openapi import emit_openapi
from treaty.emit.operation import emit_operation
from treaty.emit.origins import feature_path, module_path
from treaty.emit.packages import emit_packages
from treaty.emit.shared_type import emit_type
from treaty.emit.snapshot import emit_snapshot
from treaty.emit.vocabulary import emit_vocabulary
from treaty.progress import counted
from treaty.project import Project
from treaty.resolve.model import Model

__all__ = ["emit"]


def emit(model: Model, project: Project) -> dict[str, str]:
    """Every generated file, by its path below the output folder; Python is not formatted yet."""
    package = project.output.name
    files = dict(_modules(model, package))
    files |= dict(_features(model))
    files |= emit_packages(model)
    files["app.py"] = emit_application(model, project, package)
    files["steps.py"] = emit_steps(model, package)
    if alerts := emit_alerts(model):
        files["alerts.yaml"] = alerts
    files["asyncapi.json"] = emit_asyncapi(model, project)
    files["openapi.json"] = emit_openapi(model, project)
    files["schema.json"] = emit_snapshot(model)
    return dict(sorted(files.items()))


def _modules(model: Model, package: str) -> Iterator[tuple[str, str]]:
    """One module for each contract."""
    for operation in counted(model.operations.values()):
        yield module_path(operation.module), emit_operation(operation, model, package)
    for event in counted(model.events.values()):
        yield module_path(event.module), emit_event(event, model, package)
        yield module_path(event.module, ".schema.json"), emit_event_schema(event, model)
    for entity in counted(model.entities.values()):
        yield module_path(entity.module), emit_entity(entity, model, package)
    for type_ in counted(model.types.values()):
        yield module_path(type_.module), emit_type(type_, model, package)
    for vocabulary in counted(model.vocabularies.values()):
        yield module_path(vocabulary.module), emit_vocabulary(vocabulary, model, package)


def _features(model: Model) -> Iterator[tuple[str, str]]:
    """One feature file for each operation that has something to play."""
    for operation in model.operations.values():
        text = emit_feature(operation)
        if text is not None:
            yield feature_path(operation), text
