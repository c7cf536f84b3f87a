"""What every answer of an operation says about its end and about the newer version beside it, as the service does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from urllib.parse import quote

from treaty.mock.routes import Found
from treaty.resolve.model import Model

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def version_headers(found: Found, model: Model) -> dict[str, str]:
    """`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`, as far as the contract has something to say."""
    return dict(_headers(found, model))


def _headers(found: Found, model: Model) -> Iterator[tuple[str, str]]:
    header, successor = found.operation.header, model.successor(found.operation)
    if header.deprecated:
        yield "Deprecation", f"@{int(_midnight(header.deprecated).timestamp())}"
    if header.sunset:
        yield "Sunset", format_datetime(_midnight(header.sunset), usegmt=True)
    path = successor.http_path if successor else found.operation.http_path
    if path != found.operation.http_path and set(_PLACEHOLDER.findall(path)) <= found.given.keys():
        filled = _PLACEHOLDER.sub(lambda name: quote(found.given[name[1]], safe=""), path)
        yield "Link", f'<{filled}>; rel="successor-version"'


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
