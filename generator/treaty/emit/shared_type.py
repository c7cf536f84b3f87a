"""The module of a shared type: a shape, or an enumeration whose values are members of a `StrEnum`."""

from __future__ import annotations

from dataclasses import dataclass

from treaty.emit.cycles import circle
from treaty.emit.render import render
from treaty.emit.scope import Scope, module_doc
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
    if type_.values:
        return _enumeration(type_, model, package)
    first, *others = circle(type_, model)
    return _shapes(type_, others, model, package) if first == type_ else _elsewhere(type_, first, model, package)


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
        doc=module_doc(type_.header),
        name=type_.class_name,
        class_doc=docstring(type_.header.description, indent=4),
        base=scope.imports.name("enum", "StrEnum"),
        members=members,
        imports=scope.imports,
    )


def _shapes(type_: Type, others: list[Type], model: Model, package: str) -> str:
    """A module with the class of a shape, and of the `others` in its circle."""
    together = [type_, *others]
    names = (name for item in together for name in (item.class_name, *inline_names(item.fields)))
    scope = Scope.of(model, package, type_.module, taken=names, together=together)
    base = scope.runtime("models", "Shape")
    return render(
        "contract/shape.py.jinja",
        doc=module_doc(type_.header, *_about(others)),
        classes=[
            view
            for item in together
            for view in classes(item.class_name, base, item.header.description, item.fields, scope)
        ],
        imports=scope.imports,
    )


def _about(others: list[Type]) -> list[str]:
    keys = ", ".join(f"`{item.header.key}`" for item in others)
    return [f"It stands together with {keys}, with which it refers to each other."] if others else []


def _elsewhere(type_: Type, first: Type, model: Model, package: str) -> str:
    """A module that hands on the class from the module of the first type in its circle."""
    scope = Scope.of(model, package, type_.module)
    return render(
        "contract/elsewhere.py.jinja",
        doc=module_doc(type_.header),
        name=scope.imports.name(f"{package}.{first.module}", type_.class_name),
        imports=scope.imports,
    )
