"""Fields travel where they can: in the path, in the query string, in headers."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.json_schema import is_required
from treaty.resolve.model import FieldType, ListOf, Model, Operation, Parameter, Scalar, TypeRef
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

# Headers that HTTP or the service reads itself.
_TAKEN = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "if-none-match",
        "te",
        "trailer",
        "transfer-encoding",
        "treaty-tenant",
        "upgrade",
        "user-agent",
        "x-request-id",
    }
)


def check(book: Book) -> Iterator[Finding]:
    """Look at every field that does not travel in a JSON body."""
    for operation in book.model.operations.values():
        if not operation.http_path:
            continue
        yield from _placeholders(book, operation)
        yield from _headers(book, operation)
        for parameter in operation.parameters:
            if parameter.field.at not in book.unresolved:
                yield from _parameter(book, parameter)


def _placeholders(book: Book, operation: Operation) -> Iterator[Finding]:
    known = {field.name for field in operation.input}
    for part in operation.http_path.split("/"):
        name = part[1:-1]
        if part.startswith("{") and name not in known:
            yield Finding(
                book.parsed(operation.header.key).at("http"),
                f"The path has `{{{name}}}`, and the input has no such field.",
                f"Add `{name}: string` (or another type) to `input`.",
            )


def _headers(book: Book, operation: Operation) -> Iterator[Finding]:
    owner = book.parsed(operation.header.key)
    taken: dict[str, str] = {}
    for field, header in owner.contract.headers.items():
        at = owner.at("headers", field)
        first = taken.setdefault(header.lower(), field)
        if f"{{{field}}}" in operation.http_path:
            yield Finding(owner.key_at("headers", field), f"`{field}` stands in the path already.", "Delete it here.")
        elif header.lower() in _TAKEN:
            yield Finding(at, f"The header `{header}` has a meaning of its own.", "Choose another name.")
        elif first != field:
            yield Finding(
                at, f"`{first}` and `{field}` travel in the same header.", "Choose another name for one of the two."
            )


def _parameter(book: Book, parameter: Parameter) -> Iterator[Finding]:
    field, place = parameter.field, parameter.place
    many = isinstance(field.type, ListOf) and place == "query"
    inner = field.type.item if many and isinstance(field.type, ListOf) else field.type
    if not _is_text(inner, book.model):
        allowed = "scalars, enumerations and lists of them" if place == "query" else "scalars and enumerations"
        where = {"path": "the path", "query": "a query string", "header": "a header"}[place]
        yield Finding(
            field.at,
            f"`{field.name}` can't travel in {where}: it holds more than one value.",
            f"In {where} travel {allowed}; anything else needs a body (POST, PUT or PATCH).",
        )
    elif place == "path" and not is_required(field):
        yield Finding(
            field.at,
            f"`{field.name}` stands in the path, so it can't be absent.",
            "Make it required, without a default.",
        )
    elif field.sensitive and place != "header":
        yield Finding(
            field.at,
            f"`{field.name}` is sensitive, and URLs are logged everywhere.",
            "Let it travel in a header or in a body.",
        )


def _is_text(type_: FieldType, model: Model) -> bool:
    if isinstance(type_, TypeRef):
        return type_.key not in model.types or bool(model.types[type_.key].values)
    return isinstance(type_, Scalar) and type_.name != "json"


RULE = Rule("parameters", "What can't be written in a URL or a header can't be sent there.", check)
