"""Which fields of an output are for some roles only: paths of wire names that the runtime leaves out for others."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.model import Field, FieldType, Inline, ListOf, MapOf, Model, TypeRef


def guarded_paths(
    fields: tuple[Field, ...], model: Model, within: frozenset[str] = frozenset()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """`margin`, `lines.*.cost`, each with its roles: `*` stands for the items of a list and the values of a map.

    `within` are the types that the fields are inside of. A rule sees to it that none of them guards a field and occurs
    again, where paths would never end.
    """
    for field in fields:
        if field.read_roles:
            yield field.name, field.read_roles
        yield from ((f"{field.name}.{path}", roles) for path, roles in _inside(field.type, model, within))


def _inside(kind: FieldType, model: Model, within: frozenset[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    match kind:
        case ListOf(item=inner) | MapOf(value=inner):
            yield from ((f"*.{path}", roles) for path, roles in _inside(inner, model, within))
        case Inline(fields=fields):
            yield from guarded_paths(fields, model, within)
        case TypeRef(key=key) if key not in within:
            yield from guarded_paths(model.types[key].fields, model, within | {key})
