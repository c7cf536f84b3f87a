"""The field that makes two requests the same one is always there, and is text."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.json_schema import is_required
from treaty.resolve.model import Operation, Scalar
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at the idempotency of every operation."""
    for key, operation in book.model.operations.items():
        if operation.policy.idempotency:
            at = book.merged[key].policy["idempotency"].at
            for message, hint in _operation(book, operation):
                yield Finding(at, message, hint)


def _operation(book: Book, operation: Operation) -> Iterator[tuple[str, str]]:
    idempotency = operation.policy.idempotency
    if idempotency is None:
        return
    field = idempotency.field
    if operation.header.kind == "query":
        yield "A query only reads: asking twice is harmless.", "Delete `idempotency`, or make it a command."
    elif operation.policy.auth == "anonymous":
        yield (
            "Keys of requests belong to a tenant, and an anonymous caller has none.",
            "Delete `idempotency`, or ask for a caller with `auth: user`.",
        )
    elif field.at not in book.unresolved and field.type != Scalar("string"):
        yield f"`{field.name}` names the request, so it has to be a string.", f"Write `{field.name}: string`."
    elif not is_required(field):
        yield (
            f"`{field.name}` names the request, so it can't be absent.",
            f"Make `{field.name}` required, without a default.",
        )


RULE = Rule("idempotency", "A request without a name can't be recognized.", check)
