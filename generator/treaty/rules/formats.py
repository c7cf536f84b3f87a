"""A file with all pages is asked for like a page, and has a header for what pages tell beside their items."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diagnostics import Location
from treaty.resolve.http import HttpLine, parse_http
from treaty.resolve.model import Export, Field, Model, Operation, Scalar, TypeRef
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

LONGEST_TEXT = 200


def check(book: Book) -> Iterator[Finding]:
    """Look at every operation whose pages are also one file."""
    for operation in book.model.operations.values():
        if operation.csv and operation.http_path:
            yield from _asked(book, operation, operation.csv)
            yield from _told(book, operation)


def _asked(book: Book, operation: Operation, export: Export) -> Iterator[Finding]:
    owner = book.parsed(operation.header.key)
    line = parse_http(owner.contract.output.formats.csv)
    if isinstance(line, HttpLine) and (line.method, line.status) != ("GET", 200):
        yield Finding(
            export.at,
            "A file is fetched with GET, and that succeeds with 200.",
            f"Write `csv: GET {export.http_path}`.",
        )
    if operation.method != "GET":
        at = owner.key_at("output", "formats")
        message = f"The file takes what the pages take, and `{operation.method}` sends it in a body."
        yield Finding(at, message, "Ask for pages with GET, too, or delete `formats`.")
    yield from _placeholders(operation, export)


def _placeholders(operation: Operation, export: Export) -> Iterator[Finding]:
    wanted = {parameter.wire_name for parameter in operation.parameters if parameter.place == "path"}
    given = set(HttpLine("GET", export.http_path, 200).placeholders)
    for name in sorted(given ^ wanted):
        if name in wanted:
            hint = f"Write `{{{name}}}` into this path, too."
        else:
            hint = f"Take `{{{name}}}` out; what is no part of the other path travels in the query string."
        yield Finding(export.at, f"`{{{name}}}` is a part of only one of the two paths.", hint)


def _told(book: Book, operation: Operation) -> Iterator[Finding]:
    for field in operation.page.beside if operation.page else ():
        if field.at not in book.unresolved and not _fits(field, book.model):
            yield Finding(*_too_long(field, field.at))


def _fits(field: Field, model: Model) -> bool:
    """Whether a value is short enough for a header."""
    if isinstance(field.type, TypeRef):
        return field.type.key in model.types and bool(model.types[field.type.key].values)
    if not isinstance(field.type, Scalar) or field.type.name == "json":
        return False
    return bool(field.constraints.enum) or (field.constraints.max_length or 0) <= LONGEST_TEXT


def _too_long(field: Field, at: Location) -> tuple[Location, str, str]:
    return (
        at,
        f"`{field.name}` may be too long for the header in which it comes with the file.",
        f"Let it be one number, one date, an enumeration, or a text with `maxLength: {LONGEST_TEXT}` or less.",
    )


RULE = Rule("formats", "Who asks for all pages at once must get what page after page would say.", check)
