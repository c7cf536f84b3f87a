"""The field of whose values one job each waits or runs is always there, and has values that can be compared."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.json_schema import is_required
from treaty.resolve.model import Field, Scalar, TypeRef
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

_COMPARABLE = ("string", "integer", "boolean", "date", "uuid", "url", "email")


def check(book: Book) -> Iterator[Finding]:
    """Look at the field that `once` of a job names."""
    for key, job in book.model.jobs.items():
        field = job.once
        if field is None or field.at in book.unresolved:
            continue
        at = book.parsed(key).at("once")
        if not _is_comparable(book, field):
            yield Finding(
                at,
                f"Values of `{field.name}` can't be told apart safely.",
                "Name a field that holds one text, whole number, date, uuid or value of an enumeration.",
            )
        elif not is_required(field):
            yield Finding(at, f"`{field.name}` can be absent.", f"Make `{field.name}` required, without a default.")
        elif field.sensitive:
            yield Finding(
                at, f"`{field.name}` is sensitive, and the queue shows what it goes by.", "Name another field."
            )


def _is_comparable(book: Book, field: Field) -> bool:
    if isinstance(field.type, TypeRef):
        type_ = book.model.types.get(field.type.key)
        return type_ is None or bool(type_.values)
    return isinstance(field.type, Scalar) and field.type.name in _COMPARABLE


RULE = Rule("job-once", "What may wait or run only once must be told from what may not.", check)
