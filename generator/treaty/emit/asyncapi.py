"""`asyncapi.json`: the events as AsyncAPI 3.0, in the CloudEvents envelopes in which they are delivered.

All events go to one receiver, so there is one channel; each operation that tells events is one that sends there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from treaty import json_schema, names
from treaty.contract.base import Stability
from treaty.emit.scope import ORIGIN_OF_ALL, ending
from treaty.emit.text import json_file, one_line
from treaty.json_schema import Schema
from treaty.project import Project
from treaty.resolve.model import Event, Header, Model, Operation

CHANNEL = "events"
ENVELOPE = "CloudEvent"
CONTENT_TYPE = "application/cloudevents+json"
_SCHEMAS = "#/components/schemas/"

# What the relay sends (treaty_runtime.sinks); a test compares the two.
_ENVELOPE: Schema = {
    "title": "CloudEvent",
    "description": "What every event is delivered in: CloudEvents 1.0, structured JSON.",
    "type": "object",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string",
            "format": "uuid",
            "description": "Names the event. Delivered again it has the same one: receivers go by it.",
        },
        "source": {"type": "string", "format": "uri-reference", "description": "The service that tells it."},
        "type": {"type": "string", "description": "What happened."},
        "time": {"type": "string", "format": "date-time", "description": "When it happened."},
        "datacontenttype": {"const": "application/json"},
        "contract": {"type": "string", "description": "The key of the event's contract."},
        "contractversion": {"type": "string", "description": "The version of the contract that it was told under."},
        "requestid": {"type": "string", "description": "The request in which it happened, as in the service's log."},
        "tenant": {"type": "string", "format": "uuid", "description": "The organization in which it happened, if any."},
        "traceparent": {"type": "string", "description": "The trace in which it happened, when there is one."},
        "data": {"description": "What the event's contract says."},
    },
    "required": [
        "specversion", "id", "source", "type", "time", "datacontenttype", "contract", "contractversion", "requestid",
        "data",
    ],
}  # fmt: skip
# Words whose values are no schemas, whatever they look like.
_DATA = frozenset({"const", "default", "enum", "examples"})
_DELIVERY = (
    "Events are posted one by one to the address in the setting TREATY_EVENTS_URL, at least once, those of one "
    "organization in their order. An answer with 2xx takes an event; otherwise it is sent again later."
)


def emit_asyncapi(model: Model, project: Project) -> str:
    """The text of the AsyncAPI document."""
    messages = {
        _name(event.header): {"$ref": f"#/components/messages/{_name(event.header)}"} for event in _events(model)
    }
    channel = {"title": "Events", "address": None, "description": _DELIVERY, "messages": messages}
    document: dict[str, Any] = {
        "asyncapi": "3.0.0",
        "info": _info(project),
        "x-generated": one_line(ORIGIN_OF_ALL),
        "defaultContentType": CONTENT_TYPE,
        "channels": {CHANNEL: channel} if messages else {},
        "operations": {_name(operation.header): _operation(operation, model) for operation in _telling(model)},
        "components": {
            "messages": {_name(event.header): _message(event) for event in _events(model)},
            "schemas": dict(_schemas(model)),
        },
    }
    return json_file(document)


def _events(model: Model) -> Iterable[Event]:
    return model.events.values()


def _telling(model: Model) -> Iterator[Operation]:
    return (operation for operation in model.operations.values() if operation.emits)


def _name(header: Header) -> str:
    """The key, in the letters that names of components may have."""
    return names.in_words(header.key)


def _info(project: Project) -> dict[str, Any]:
    info = {"title": project.title, "version": project.version}
    return info | ({"description": project.description} if project.description else {})


def _operation(operation: Operation, model: Model) -> dict[str, Any]:
    told = [(model.events[emit.event], emit.when) for emit in operation.emits]
    when = [f"- `{event.header.key}`: {when}" for event, when in told if when]
    described: dict[str, Any] = {
        "action": "send",
        "channel": {"$ref": f"#/channels/{CHANNEL}"},
        "summary": one_line(operation.header.description),
        "messages": [{"$ref": f"#/channels/{CHANNEL}/messages/{_name(event.header)}"} for event, _ in told],
        "tags": _tags(operation.header),
        "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
    }
    return described | ({"description": "\n".join(when)} if when else {})


def _message(event: Event) -> dict[str, Any]:
    header = event.header
    return {
        "name": event.type,
        "title": event.class_name,
        "summary": one_line(header.description),
        "contentType": CONTENT_TYPE,
        "tags": _tags(header),
        "x-contract": header.key,
        "x-contract-version": header.version,
        "x-stability": header.stability.value,
        "x-owners": list(header.owners),
        "payload": {
            "allOf": [
                _reference(ENVELOPE),
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": event.type},
                        "contract": {"const": header.key},
                        "data": _reference(_name(header)),
                    },
                },
            ]
        },
    }


def _tags(header: Header) -> list[dict[str, str]]:
    return [{"name": tag} for tag in dict.fromkeys(header.tags)]


def _schemas(model: Model) -> Iterator[tuple[str, Schema]]:
    """The envelope, what each event says, and the types that they say it in."""
    if not model.events:
        return
    yield ENVELOPE, _ENVELOPE
    for event in _events(model):
        description = "\n\n".join((event.header.description, *ending(event.header)))
        about: Schema = {"title": event.class_name, "description": description}
        if event.header.stability is Stability.DEPRECATED:
            about["deprecated"] = True
        yield _name(event.header), _portable(about | json_schema.object_schema(event.payload, place=_place))
    fields = [field for event in _events(model) for field in event.payload]
    for key in json_schema.types_in(model, fields):
        yield names.in_words(key), _portable(json_schema.shared_type_schema(model.types[key], place=_place))
    if json_schema.holds_json(model, fields):
        yield json_schema.JSON, _portable(json_schema.json_value_schema(place=_place))


def _place(key: str) -> str:
    return f"{_SCHEMAS}{names.in_words(key)}"


def _reference(name: str) -> Schema:
    return {"$ref": f"{_SCHEMAS}{name}"}


def _portable(schema: Any) -> Any:
    """AsyncAPI's own dialect is that of draft 07, where what stands beside a `$ref` is not read."""
    if isinstance(schema, list):
        return [_portable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {word: _part(word, value) for word, value in schema.items()}
    if "$ref" in inner and len(inner) > 1:
        return {"allOf": [{"$ref": inner.pop("$ref")}], **inner}
    return inner


def _part(word: str, value: Any) -> Any:
    if word == "properties":
        return {name: _portable(schema) for name, schema in value.items()}
    return value if word in _DATA else _portable(value)
