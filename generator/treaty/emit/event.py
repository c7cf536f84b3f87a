"""An event: its payload as a class, and as JSON Schema for those who read it in another language."""

from __future__ import annotations

from treaty import json_schema
from treaty.contract.base import Stability
from treaty.emit.render import render
from treaty.emit.scope import Scope, ending, module_doc, origin
from treaty.emit.shapes import classes, inline_names
from treaty.emit.text import json_file, one_line
from treaty.resolve.model import Event, Model


def emit_event(event: Event, model: Model, package: str) -> str:
    """The text of an event's module."""
    scope = Scope.of(model, package, event.module, taken={event.class_name, *inline_names(event.payload)})
    base = scope.runtime("models", "Event")
    *inner, own = classes(event.class_name, base, event.header.description, event.payload, scope)
    return render(
        "contract/event.py.jinja",
        doc=module_doc(event.header),
        event=event,
        inner=inner,
        own=own,
        imports=scope.imports,
    )


def emit_event_schema(event: Event, model: Model) -> str:
    """The JSON Schema of the payload: what stands under `data` in the CloudEvent."""
    header = event.header
    about: json_schema.Schema = {
        "$schema": json_schema.DIALECT,
        "$id": f"urn:treaty:event:{header.plain_key}:{header.version}",
        "$comment": one_line(origin(header)),
        "title": event.class_name,
        "description": "\n\n".join((header.description, *ending(header))),
        "x-stability": header.stability,
        "x-owners": list(header.owners),
        "x-tags": list(header.tags),
    }
    if header.stability is Stability.DEPRECATED:
        about["deprecated"] = True
    return json_file(about | json_schema.document_schema(model, event.payload))
