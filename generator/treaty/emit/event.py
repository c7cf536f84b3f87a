"""The module of an event: its payload as a class."""

from __future__ import annotations

from treaty.emit.render import render
from treaty.emit.scope import Scope, origin
from treaty.emit.shapes import classes, inline_names
from treaty.emit.text import docstring
from treaty.resolve.model import Event, Model


def emit_event(event: Event, model: Model, package: str) -> str:
    """The text of an event's module."""
    scope = Scope.of(model, package, event.module, taken={event.class_name, *inline_names(event.payload)})
    base = scope.runtime("models", "Event")
    *inner, own = classes(event.class_name, base, event.header.description, event.payload, scope)
    return render(
        "contract/event.py.jinja",
        doc=docstring(event.header.description, origin(event.header)),
        event=event,
        inner=inner,
        own=own,
        imports=scope.imports,
    )
