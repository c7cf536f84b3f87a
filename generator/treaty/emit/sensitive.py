"""Which fields of an input hold what must never be shown: paths of wire names that the runtime blacks out."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.json_schema import types_in
from treaty.resolve.fields import leaf
from treaty.resolve.model import Field, FieldType, Inline, ListOf, MapOf, Model, TypeRef


def sensitive_paths(fields: tuple[Field, ...], model: Model, within: frozenset[str] = frozenset()) -> Iterator[str]:
    """`card.number`, `cards.*.number`: `*` stands for the items of a list and the values of a map.

    `within` are the types that the fields are inside of. Where one of them occurs again, paths would never end: when
    it holds anything sensitive, the whole field is.
    """
    for field in fields:
        again = _types_of(field) & within
        if field.sensitive or any(_holds_sensitive(key, model) for key in again):
            yield field.name
        elif not again:
            yield from (f"{field.name}.{path}" for path in _inside(field.type, model, within))


def _inside(kind: FieldType, model: Model, within: frozenset[str]) -> Iterator[str]:
    match kind:
        case ListOf(item=inner) | MapOf(value=inner):
            yield from (f"*.{path}" for path in _inside(inner, model, within))
        case Inline(fields=fields):
            yield from sensitive_paths(fields, model, within)
        case TypeRef(key=key):
            yield from sensitive_paths(model.types[key].fields, model, within | {key})


def _types_of(field: Field) -> frozenset[str]:
    kind = leaf(field.type)
    return frozenset({kind.key}) if isinstance(kind, TypeRef) else frozenset()


def _holds_sensitive(key: str, model: Model) -> bool:
    reached = {key, *types_in(model, model.types[key].fields)}
    return any(_is_sensitive(field) for other in reached for field in model.types[other].fields)


def _is_sensitive(field: Field) -> bool:
    kind = leaf(field.type)
    return field.sensitive or (isinstance(kind, Inline) and any(map(_is_sensitive, kind.fields)))
