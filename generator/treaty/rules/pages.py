"""A page is a query's, in an order that can be gone on with, and leaves the names free that every page has."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.json_schema import is_required
from treaty.names import field_name
from treaty.resolve.model import Field, Operation, Page, Scalar
from treaty.resolve.pages import CURSOR, LIMIT, NEXT
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

LONGEST_TEXT = 200
_COMPARABLE = ("string", "integer", "decimal", "datetime", "date", "uuid")


def check(book: Book) -> Iterator[Finding]:
    """Look at every operation that answers in pages."""
    for operation in book.model.operations.values():
        if operation.page:
            yield from _kind(book, operation)
            yield from _names(book, operation, operation.page)
            yield from _order(book, operation, operation.page)


def _kind(book: Book, operation: Operation) -> Iterator[Finding]:
    if operation.header.kind != "query":
        at = book.parsed(operation.header.key).key_at("output", "page")
        yield Finding(
            at,
            "Pages are read one after the other, and a command changes something.",
            "Make it a query.",
        )


def _names(book: Book, operation: Operation, page: Page) -> Iterator[Finding]:
    owner = book.parsed(operation.header.key)
    for name in (CURSOR, LIMIT):
        if name in owner.contract.input:
            yield Finding(
                owner.key_at("input", name),
                f"`{name}` is added to the input by every page.",
                "Rename this one.",
            )
    if page.of == NEXT:
        at = owner.at("output", "page", "of")
        yield Finding(at, f"`{NEXT}` leads to the page after this one.", "Call the list something else.")
    for field in page.beside:
        if field.python_name in (field_name(page.of), NEXT):
            yield Finding(field.at, f"`{field.name}` stands in every page already.", "Rename this one.")


def _order(book: Book, operation: Operation, page: Page) -> Iterator[Finding]:
    owner = book.parsed(operation.header.key)
    seen: set[str] = set()
    for position, name in enumerate(owner.contract.output.page.order):
        field = next((field for field in page.order if field.name == name), None)
        if field is None or field.at in book.unresolved:
            continue
        at = owner.at("output", "page", "order", position)
        if name in seen:
            yield Finding(at, f"`{name}` stands here twice.", "Name each field once.")
        elif problem := _problem(field):
            yield Finding(at, *problem)
        seen.add(name)


def _problem(field: Field) -> tuple[str, str] | None:
    """What speaks against a field in the order, and what to do."""
    another = "Name another field of the item."
    if not isinstance(field.type, Scalar) or field.type.name not in _COMPARABLE:
        return f"Values of `{field.name}` have no order that is the same everywhere.", (
            "Name fields that hold one text, whole number, decimal, datetime, date or uuid."
        )
    if not is_required(field):
        return (
            f"`{field.name}` can be absent, so items would have no place.",
            f"Make `{field.name}` required.",
        )
    if field.sensitive or field.read_roles:
        return f"`{field.name}` is not for everybody, and the cursor holds the value.", another
    if (field.constraints.max_length or 0) > LONGEST_TEXT and not field.constraints.enum:
        return (
            f"`{field.name}` may be longer than {LONGEST_TEXT} characters, and the cursor holds the value.",
            f"Say `maxLength: {LONGEST_TEXT}` or less.",
        )
    return None


RULE = Rule("pages", "Whoever reads page after page must see every item once.", check)
