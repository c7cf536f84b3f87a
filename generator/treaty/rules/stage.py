"""What scenarios keep under names: the rows that phrases create, the answers that they get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from treaty.contract.vocabulary import CallAct, CreateAct, RunAct
from treaty.json_schema import output_fields
from treaty.resolve.model import TypeRef
from treaty.rules.book import Book
from treaty.rules.templates import is_open


@dataclass(slots=True)
class Stage:
    """The names that the phrases of a namespace may use, and the fields that each may have.

    `open_fields` belong to rows and answers whose name is known only when a phrase is said; `None`: any field.
    """

    fields: dict[str, set[str] | None] = field(default_factory=dict)
    open_fields: set[str] | None = field(default_factory=set)
    has_open: bool = False


def stage(book: Book, namespace: str) -> Stage:
    """Everything that visible phrases keep under names."""
    found = Stage()
    for name, fields in _kept(book, namespace):
        if is_open(name):
            found.has_open = True
            found.open_fields = None if fields is None or found.open_fields is None else found.open_fields | fields
        else:
            before = found.fields.get(name, set())
            found.fields[name] = None if fields is None or before is None else before | fields
    return found


def _kept(book: Book, namespace: str) -> Iterator[tuple[str, set[str] | None]]:
    for place in book.phrases_above(namespace):
        for act in place.phrase.acts:
            if isinstance(act, CreateAct | CallAct | RunAct) and act.name is not None:
                yield act.name, _fields(book, act)


def _fields(book: Book, act: CreateAct | CallAct | RunAct) -> set[str] | None:
    if isinstance(act, CreateAct):
        entity = book.model.entities.get(next(iter(act.create)))
        return {item.name for item in entity.fields} if entity else None
    contract = book.model.implemented.get(act.call if isinstance(act, CallAct) else act.run)
    if contract is None or (isinstance(contract.output, TypeRef) and contract.output.key not in book.model.types):
        return None
    return {item.name for item in output_fields(book.model, contract.output)}
