"""From the linked model to the text of every generated file. Pure: nothing here reads or writes."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.emit.alerts import emit_alerts
from treaty.emit.application import emit_application, emit_steps
from treaty.emit.asyncapi import emit_asyncapi
from treaty.emit.entity import emit_entity
from treaty.emit.event import emit_event, emit_event_schema
from treaty.emit.feature import emit_feature
from treaty.emit.job import emit_job
from treaty.emit.openapi import emit_openapi
from treaty.emit.operation import emit_operation
from treaty.emit.origins import feature_path, module_path
from treaty.emit.packages import emit_packages
from treaty.emit.shared_type import emit_type
from treaty.emit.snapshot import emit_snapshot
from treaty.emit.vocabulary import emit_vocabulary
from treaty.emit.webhook import emit_webhook
from treaty.progress import counted
from treaty.project import Project
from treaty.resolve.model import Entity, Event, Job, LinkedContract, Model, Operation, Played, Type, Vocabulary, Webhook

__all__ = ["emit", "emit_contract"]


def emit(model: Model, project: Project) -> dict[str, str]:
    """Every generated file, by its path below the output folder; Python is not formatted yet."""
    package = project.output.name
    contracts = list(model.contracts())
    files = {path: text for contract in counted(contracts) for path, text in emit_contract(contract, model, package)}
    files |= emit_packages(model)
    files["app.py"] = emit_application(model, project, package)
    files["steps.py"] = emit_steps(model, package)
    if alerts := emit_alerts(model):
        files["alerts.yaml"] = alerts
    files["asyncapi.json"] = emit_asyncapi(model, project)
    files["openapi.json"] = emit_openapi(model, project)
    files["schema.json"] = emit_snapshot(model)
    return dict(sorted(files.items()))


def emit_contract(contract: LinkedContract, model: Model, package: str) -> Iterator[tuple[str, str]]:
    """The files that come from one contract: its module, and what stands beside it."""
    match contract:
        case Operation() | Job() | Webhook():
            yield module_path(contract.module), _emit_played(contract, model, package)
            text = emit_feature(contract)
            if text is not None:  # there is something to play
                yield feature_path(contract), text
        case Event():
            yield module_path(contract.module), emit_event(contract, model, package)
            yield module_path(contract.module, ".schema.json"), emit_event_schema(contract, model)
        case Entity():
            yield module_path(contract.module), emit_entity(contract, model, package)
        case Type():
            yield module_path(contract.module), emit_type(contract, model, package)
        case Vocabulary():
            yield module_path(contract.module), emit_vocabulary(contract, model, package)


def _emit_played(contract: Played, model: Model, package: str) -> str:
    match contract:
        case Operation():
            return emit_operation(contract, model, package)
        case Job():
            return emit_job(contract, model, package)
        case Webhook():
            return emit_webhook(contract, model, package)
