"""The status of success says what the answer is."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

_ALLOWED = (200, 201, 202, 204)


def check(book: Book) -> Iterator[Finding]:
    """Look at the http line of every operation."""
    for key, operation in book.model.operations.items():
        at = book.parsed(key).at("http")
        if operation.status not in _ALLOWED:
            yield Finding(
                at, f"{operation.status} is not a status of success.", f"Use one of {', '.join(map(str, _ALLOWED))}."
            )
        elif operation.status == 204 and book.parsed(key).contract.output:
            yield Finding(
                at,
                "204 means that there is no content, and the operation has an output.",
                "Use 200 or 201, or leave `output` out.",
            )
        elif operation.status == 201 and operation.header.kind == "query":
            yield Finding(at, "201 means that something was created, and a query only reads.", "Use 200.")


RULE = Rule("success-status", "A status that lies misleads every client.", check)
