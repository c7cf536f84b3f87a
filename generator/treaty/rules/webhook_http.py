"""A webhook is sent to one address with POST, and answered with 200."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.http import HttpLine, parse_http
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at the http line of every webhook."""
    for key in book.model.webhooks:
        owner = book.parsed(key)
        http = parse_http(owner.contract.http)
        if not isinstance(http, HttpLine):
            continue
        right = "Write `POST` and a path, such as `POST /webhooks/stripe`."
        if http.method != "POST":
            yield Finding(owner.at("http"), f"Nobody sends webhooks with {http.method}.", right)
        elif http.placeholders:
            yield Finding(owner.at("http"), "Whoever sends knows one address only.", right)
        elif "->" in owner.contract.http:
            yield Finding(owner.at("http"), "Every webhook is answered with 200.", "Delete the arrow and the status.")


RULE = Rule("webhook-http", "Whoever sends is told an address once, and looks at nothing but success.", check)
