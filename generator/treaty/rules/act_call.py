"""A phrase calls operations with examples and fields that they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treaty.contract.spelling import respelling, suggestion
from treaty.contract.vocabulary import CallAct
from treaty.resolve.model import Operation
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, PhrasePlace
from treaty.rules.fit import Known
from treaty.source.document import Path


def check(book: Book) -> Iterator[Finding]:
    """Compare what `call` sends with the operation's examples and input."""
    for place in book.phrases:
        for position, act in enumerate(place.phrase.acts):
            operation = book.model.operations.get(act.call) if isinstance(act, CallAct) else None
            if isinstance(act, CallAct) and operation:
                path = place.act_path(position)
                yield from _example(place, (*path, "example"), operation, act.example)
                yield from _fields(book, place, (*path, "input"), operation, act.input)


def _example(place: PhrasePlace, path: Path, operation: Operation, key: str | None) -> Iterator[Finding]:
    keys = [example.key for example in operation.examples]
    if key is not None and key not in keys:
        meant = suggestion(key, keys)
        hint = f"Did you mean `{meant}`?" if meant else f"Its examples: {', '.join(keys) or 'none'}."
        at = place.owner.at(*path)
        yield Finding(at, f"`{operation.header.key}` has no example `{key}`.", hint, respelling(at, key, keys))


def _fields(book: Book, place: PhrasePlace, path: Path, operation: Operation, given: Any) -> Iterator[Finding]:
    for inner in unknown_fields(Known(book.model, operation.input), given, ()):
        names = [field.name for field in Known(book.model, operation.input).at(inner[:-1])]
        meant = suggestion(str(inner[-1]), names)
        hint = f"Did you mean `{meant}`?" if meant else f"Its fields: {', '.join(names)}."
        at = place.owner.key_at(*path, *inner)
        yield Finding(
            at,
            f"The input of `{operation.header.key}` has no field `{inner[-1]}`.",
            hint,
            respelling(at, str(inner[-1]), names),
        )


def unknown_fields(known: Known, data: Any, path: Path) -> Iterator[Path]:
    """The paths of fields in `data` that the object at their place does not have."""
    if isinstance(data, list | tuple):
        for position, item in enumerate(data):
            yield from unknown_fields(known, item, (*path, position))
    elif isinstance(data, dict) and (fields := {field.name for field in known.at(path)} or not path):
        for name, value in data.items():
            if fields is True or name not in fields:
                yield (*path, name)
            else:
                yield from unknown_fields(known, value, (*path, name))


RULE = Rule("act-call", "A request that is wrong by mistake proves nothing about the right one.", check)
