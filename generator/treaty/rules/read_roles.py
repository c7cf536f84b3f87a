"""A field with `readRoles` is answered, may be left out, and can be read by somebody."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.json_schema import output_fields, types_in
from treaty.resolve.model import TypeRef
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, Place


def check(book: Book) -> Iterator[Finding]:
    """Look at every field that is for some roles only."""
    answered, endless = _answered(book), _endless(book)
    for place in book.places:
        if place.field.read_roles:
            for message, hint in _problems(book, place, answered, endless):
                yield Finding(place.at("readRoles"), message, hint)


def _answered(book: Book) -> set[str]:
    """The types that are in some output."""
    model = book.model
    outputs = [operation.output for operation in model.operations.values()]
    named = {output.key for output in outputs if isinstance(output, TypeRef)}
    return named.union(*(types_in(model, output_fields(model, output)) for output in outputs))


def _endless(book: Book) -> set[str]:
    """The types that are inside of a type that holds itself."""
    inside = {key: types_in(book.model, type_.fields) for key, type_ in book.model.types.items()}
    return {found for key, held in inside.items() if key in held for found in held}


def _problems(book: Book, place: Place, answered: set[str], endless: set[str]) -> Iterator[tuple[str, str]]:
    key, name = place.owner.key, place.field.name
    operation = book.model.operations.get(key) if place.path[0] == "output" else None
    if operation is None and key not in answered:
        yield "`readRoles` speaks of answers, and this is in none.", "Delete it, or move it to a field of an output."
    elif not place.field.optional:
        yield f"`{name}` is left out for some callers, so it may be absent.", "Write `optional` before its type."
    elif operation and operation.policy.auth == "anonymous":
        yield "An anonymous caller has no roles, so nobody ever reads this.", "Delete it, or ask for a caller."
    elif key in endless:
        yield (
            "There is no end of places where this would be left out: a type around it holds itself.",
            "Take the field out of what holds itself.",
        )


RULE = Rule("read-roles", "What is kept from some callers must reach others, and be missed by nobody.", check)
