"""Which fields of an input hold what must never be shown: paths of wire names that the runtime blacks out."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.model import Field, FieldType, Inline, ListOf, MapOf, Model, TypeRef


def sensitive_paths(fields: tuple[Field, ...], model: Model) -> Iterator[str]:
    """`card.number`, `cards.*.number`: `*` stands for the items of a list and the values of a map."""
    for field in fields:
        if field.sensitive:
            yield field.name
        else:
            yield from (f"{field.name}.{path}" for path in _inside(field.type, model))


def _inside(kind: FieldType, model: Model) -> Iterator[str]:
    match kind:
        case ListOf(item=inner) | MapOf(value=inner):
            yield from (f"*.{path}" for path in _inside(inner, model))
        case Inline(fields=fields):
            yield from sensitive_paths(fields, model)
        case TypeRef(key=key):
            yield from sensitive_paths(model.types[key].fields, model)
