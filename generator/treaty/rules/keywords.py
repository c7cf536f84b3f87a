"""A field's words apply to its type."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.fields import leaf
from treaty.resolve.model import EntityRef, FieldType, Inline, ListOf, MapOf, Scalar
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, Place

_NUMBER = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_BY_TYPE: dict[str, tuple[str, ...]] = {
    "string": ("enum", "minLength", "maxLength", "pattern"),
    "url": ("minLength", "maxLength"),
    "email": ("minLength", "maxLength"),
    "integer": (*_NUMBER, "multipleOf"),
    "number": _NUMBER,
    "decimal": _NUMBER,
}
_LIST = ("minItems", "maxItems")
CONSTRAINTS = frozenset({*_LIST, *(word for words in _BY_TYPE.values() for word in words)})
_ENTITY_ONLY = ("primary", "renamedFrom")


def check(book: Book) -> Iterator[Finding]:
    """Compare the words of every field with its type and its place."""
    for place in book.places:
        yield from _constraints(place)
        for word in _ENTITY_ONLY:
            if word in place.said and not place.in_entity:
                yield Finding(
                    place.at(word), f"`{word}` speaks of a table, and this is no field of an entity.", "Delete it."
                )
        if place.field.optional and place.field.has_default:
            yield Finding(
                place.at("default"), "A field with a default is never absent.", "Take `optional` away, or the default."
            )


def _constraints(place: Place) -> Iterator[Finding]:
    allowed = _allowed(place)
    for word in place.said:
        if word not in CONSTRAINTS or word in allowed:
            continue
        if "enum" in place.said and "enum" in allowed:
            yield Finding(
                place.at(word), f"`{word}` says nothing more where `enum` lists the values.", "Keep one of the two."
            )
        else:
            hint = f"Here apply: {', '.join(allowed)}." if allowed else "Delete it: no such word applies here."
            yield Finding(place.at(word), f"`{word}` does not apply to {_name(place.field.type)}.", hint)


def _allowed(place: Place) -> tuple[str, ...]:
    inner = leaf(place.field.type)
    words = _BY_TYPE.get(inner.name, ()) if isinstance(inner, Scalar) else ()
    if "enum" in place.said and "enum" in words:
        words = ("enum",)
    return (*words, *(_LIST if _has_list(place.field.type) else ()))


def _has_list(type_: FieldType) -> bool:
    while isinstance(type_, ListOf | MapOf):
        if isinstance(type_, ListOf):
            return True
        type_ = type_.value
    return False


def _name(type_: FieldType) -> str:
    match type_:
        case Scalar(name=name):
            return f"{'an' if name[0] in 'aeio' else 'a'} {name}"
        case ListOf(item=item):
            return f"a list ({_name(item)} each)"
        case MapOf(value=value):
            return f"a map ({_name(value)} each)"
        case Inline():
            return "an object"
        case EntityRef(key=key):
            return f"a reference to `{key}`"
        case _:
            return f"`{type_.key}`"


RULE = Rule("keywords", "A word that checks nothing makes a promise that nobody keeps.", check)
