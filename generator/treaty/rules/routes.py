"""Every operation and every webhook has a method and path of its own, and leaves the service's own paths alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from treaty.diagnostics import Location
from treaty.resolve.model import Operation, Webhook
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

_PLACEHOLDER = re.compile(r"\{[^}]*\}")
# What every service answers itself (treaty_runtime.health, .documentation and .observability).
_OWN = ("/asyncapi.json", "/docs", "/health", "/metrics", "/openapi.json")


def check(book: Book) -> Iterator[Finding]:
    """Compare methods and paths; placeholders are the same whatever they are called."""
    taken: dict[tuple[str, str], tuple[str, Location]] = {}
    for key, method, path, at in _routes(book):
        route = (method, _PLACEHOLDER.sub("{}", path))
        first, there = taken.setdefault(route, (key, at))
        if there != at:
            yield Finding(at, f"`{first}` answers `{method} {path}` already.", "Choose another path or method.")
        if any(route[1] == own or route[1].startswith(f"{own}/") for own in _OWN):
            yield Finding(
                at,
                f"The service itself answers `{path}`.",
                f"Choose a path that does not begin with one of {', '.join(_OWN)}.",
            )


def _routes(book: Book) -> Iterator[tuple[str, str, str, Location]]:
    """Key, method, path and place of all of them."""
    routed: dict[str, Operation | Webhook] = {**book.model.operations, **book.model.webhooks}
    for key, contract in routed.items():
        if contract.http_path:
            yield key, contract.method, contract.http_path, book.parsed(key).at("http")
    for key, operation in book.model.operations.items():
        if operation.csv:
            yield key, "GET", operation.csv.http_path, operation.csv.at


RULE = Rule("routes", "A request must mean one operation.", check)
