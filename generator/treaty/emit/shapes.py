"""Views of classes with fields: inputs, outputs, payloads and shared shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treaty.emit import python_types
from treaty.emit.scope import Scope
from treaty.emit.text import docstring, literal
from treaty.resolve.fields import leaf
from treaty.resolve.model import Field, FieldType, Inline


@dataclass(frozen=True, slots=True)
class FieldView:
    """One attribute: its name, type, default expression and docstring, ready to be printed."""

    name: str
    type: str
    default: str | None
    doc: str | None


@dataclass(frozen=True, slots=True)
class ClassView:
    """One class, ready to be printed."""

    name: str
    base: str
    doc: str
    fields: tuple[FieldView, ...]


def classes(name: str, base: str, doc: str, fields: tuple[Field, ...], scope: Scope) -> list[ClassView]:
    """The class of some fields, after the classes of the inline objects in it."""
    inner = [view for field in fields for view in inline_classes(field.type, f"{name}.{field.python_name}", scope)]
    views = tuple(_field(field, scope) for field in fields)
    return [*inner, ClassView(name, base, docstring(doc, indent=4), views)]


def inline_names(fields: tuple[Field, ...]) -> Iterator[str]:
    """The classes that the inline objects of these fields become."""
    for field in fields:
        kind = leaf(field.type)
        if isinstance(kind, Inline):
            yield from inline_names(kind.fields)
            yield kind.class_name


def inline_classes(kind: FieldType, place: str, scope: Scope) -> list[ClassView]:
    """The class of the inline object that a type is made of, if it is, after those inside it."""
    kind = leaf(kind)
    if not isinstance(kind, Inline):
        return []
    return classes(kind.class_name, scope.runtime("models", "Shape"), f"What `{place}` holds.", kind.fields, scope)


def _field(field: Field, scope: Scope) -> FieldView:
    return FieldView(
        name=field.python_name,
        type=_type(field, scope),
        default=_default(field, scope),
        doc=docstring(field.explanation, indent=4) if field.explanation else None,
    )


def _type(field: Field, scope: Scope) -> str:
    """The type, and the name on the wire where the runtime would not make it of the attribute's."""
    python = python_types.annotation(field, scope)
    alias = python_types.alias(field)
    if alias is None:
        return python
    annotated, known_as = scope.imports.name("typing", "Annotated"), scope.imports.name("pydantic", "Field")
    return f"{annotated}[{python}, {known_as}(alias={literal(alias)})]"


def _default(field: Field, scope: Scope) -> str | None:
    if field.has_default:
        return python_types.value(field.type, field.default, scope)
    return "None" if field.optional else None
