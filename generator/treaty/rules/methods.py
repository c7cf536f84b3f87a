"""A query only reads; a command is never sent by following a link."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the kind of every operation with its method and its events."""
    for key, operation in book.model.operations.items():
        owner = book.parsed(key)
        if operation.header.kind == "command" and operation.method == "GET":
            yield Finding(
                owner.at("http"),
                "GET must not change anything, and a command does.",
                "Use POST, PUT, PATCH or DELETE, or make it a query.",
            )
        if operation.header.kind == "query" and operation.http_path and operation.method not in ("GET", "POST"):
            yield Finding(
                owner.at("http"),
                f"{operation.method} changes something, and a query only reads.",
                "Use GET (or POST, when the question is too long for a URL), or make it a command.",
            )
        if operation.header.kind == "query" and owner.contract.emits:
            yield Finding(
                owner.key_at("emits"),
                "A query only reads, so nothing happens that an event could tell.",
                "Delete `emits`, or make it a command.",
            )


RULE = Rule("methods", "Caches, browsers and crawlers repeat GET requests as they like.", check, advice=True)
