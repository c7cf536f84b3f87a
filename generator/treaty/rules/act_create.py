"""A row that a phrase creates could stand in its table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treaty.contract.spelling import respelling, suggestion
from treaty.contract.vocabulary import CreateAct
from treaty.json_schema import is_required
from treaty.resolve.model import Entity, EntityRef, Field
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, PhrasePlace
from treaty.rules.fit import value_misfits
from treaty.rules.templates import is_open, texts
from treaty.source.document import Path


def check(book: Book) -> Iterator[Finding]:
    """Compare what `create` gives with the fields of the entity."""
    for place in book.phrases:
        for position, act in enumerate(place.phrase.acts):
            if isinstance(act, CreateAct):
                ((key, values),) = act.create.items()
                entity = book.model.entities.get(key)
                if entity:
                    path = (*place.act_path(position), "create")
                    written = next(iter(_at(place, path)))
                    yield from _row(book, place, (*path, written), entity, values)


def _at(place: PhrasePlace, path: Path) -> dict[str, Any]:
    data: Any = place.owner.document.data
    for part in path:
        data = data[part]
    return dict(data)


def _row(book: Book, place: PhrasePlace, path: Path, entity: Entity, values: dict[str, Any]) -> Iterator[Finding]:
    name = entity.header.name
    fields = {field.name: field for field in entity.fields}
    unknown = [given for given in values if given not in fields]
    for given in unknown:
        meant = suggestion(given, fields)
        hint = f"Did you mean `{meant}`?" if meant else f"Its fields: {', '.join(fields)}."
        at = place.owner.key_at(*path, given)
        yield Finding(at, f"`{name}` has no field `{given}`.", hint, respelling(at, given, fields))
    for field in entity.fields:
        if field.name not in values and _is_needed(entity, field) and not unknown:
            yield Finding(
                place.owner.key_at(*path), f"`{name}` needs `{field.name}`.", f"Add `{field.name}:` to the row."
            )
    known = [field for field in entity.fields if field.name in values and _is_known(book, field, values[field.name])]
    if book.fit(known).misfits({field.name: values[field.name] for field in known}):
        for field in known:
            yield from _value(book, place, (*path, field.name), field, values[field.name])


def _is_needed(entity: Entity, field: Field) -> bool:
    # The row belongs to the scenario's own tenant, unless it says another one; ids are made.
    return is_required(field) and not field.primary and field is not entity.tenant


def _is_known(book: Book, field: Field, value: Any) -> bool:
    """Whether the field's type is known, and the value before a phrase is said."""
    return not (
        field.at in book.unresolved
        or isinstance(field.type, EntityRef)
        or any(is_open(text) for _, text in texts(value, ()))
    )


def _value(book: Book, place: PhrasePlace, path: Path, field: Field, value: Any) -> Iterator[Finding]:
    for misfit in value_misfits(book.model, field, value):
        at, fix = misfit.place(place.owner, path)
        yield Finding(at, f"`{field.name}`: {misfit.message}", misfit.hint, fix)


RULE = Rule("act-create", "A row that the database refuses stops every scenario that needs it.", check)
