"""The module of a shared type: a shape, or an enumeration whose values are members of a `StrEnum`."""

from __future__ import annotations

from dataclasses import dataclass

from treaty.emit.render import render
from treaty.emit.scope import Scope, origin
from treaty.emit.shapes import classes, inline_names
from treaty.emit.text import docstring, literal
from treaty.resolve.model import Model, Type


@dataclass(frozen=True, slots=True)
class MemberView:
    """One member of an enumeration, ready to be printed."""

    name: str
    value: str
    doc: str | None


def emit_type(type_: Type, model: Model, package: str) -> str:
    """The text of a shared type's module."""
    return _enumeration(type_, model, package) if type_.values else _shape(type_, model, package)


def _enumeration(type_: Type, model: Model, package: str) -> str:
    scope = Scope.of(model, package, type_.module, taken={type_.class_name})
    members = [
        MemberView(
            item.python_name,
            literal(item.value),
            docstring(item.description, indent=4) if item.description else None,
        )
        for item in type_.values
    ]
    return render(
        "contract/enumeration.py.jinja",
        doc=docstring(type_.header.description, origin(type_.header)),
        name=type_.class_name,
        class_doc=docstring(type_.header.description, indent=4),
        base=scope.imports.name("enum", "StrEnum"),
        members=members,
        imports=scope.imports,
    )


def _shape(type_: Type, model: Model, package: str) -> str:
    scope = Scope.of(model, package, type_.module, taken={type_.class_name, *inline_names(type_.fields)})
    base = scope.runtime("models", "Shape")
    return render(
        "contract/shape.py.jinja",
        doc=docstring(type_.header.description, origin(type_.header)),
        classes=classes(type_.class_name, base, type_.header.description, type_.fields, scope),
        imports=scope.imports,
    )
