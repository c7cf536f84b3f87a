"""Every operation and every webhook has a method and path of its own, and leaves the service's own paths alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from treaty.resolve.model import Operation, Webhook
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

_PLACEHOLDER = re.compile(r"\{[^}]*\}")
# What every service answers itself (treaty_runtime.health, .documentation and .observability).
_OWN = ("/asyncapi.json", "/docs", "/health", "/metrics", "/openapi.json")


def check(book: Book) -> Iterator[Finding]:
    """Compare methods and paths; placeholders are the same whatever they are called."""
    taken: dict[tuple[str, str], str] = {}
    routed: dict[str, Operation | Webhook] = {**book.model.operations, **book.model.webhooks}
    for key, operation in routed.items():
        if not operation.http_path:
            continue
        at = book.parsed(key).at("http")
        route = (operation.method, _PLACEHOLDER.sub("{}", operation.http_path))
        first = taken.setdefault(route, key)
        if first != key:
            yield Finding(
                at, f"`{first}` answers `{route[0]} {operation.http_path}` already.", "Choose another path or method."
            )
        if any(route[1] == own or route[1].startswith(f"{own}/") for own in _OWN):
            yield Finding(
                at,
                f"The service itself answers `{operation.http_path}`.",
                f"Choose a path that does not begin with one of {', '.join(_OWN)}.",
            )


RULE = Rule("routes", "A request must mean one operation.", check)
