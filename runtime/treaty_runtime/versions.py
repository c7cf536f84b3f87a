"""What every answer of an operation says about its end and about the newer version beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from treaty_runtime.operations import Operation

__all__ = ["version_headers"]

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
Header = tuple[bytes, bytes]


def version_headers(operation: Operation[Any, Any], path_values: Mapping[str, str], root: str = "") -> list[Header]:
    """`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link`, as far as the contract has something to say."""
    return [(name, value.encode("ascii")) for name, value in _headers(operation, path_values, root)]


def _headers(operation: Operation[Any, Any], path_values: Mapping[str, str], root: str) -> Iterator[tuple[bytes, str]]:
    if operation.deprecated:
        yield b"deprecation", f"@{int(_midnight(operation.deprecated).timestamp())}"
    if operation.sunset:
        yield b"sunset", format_datetime(_midnight(operation.sunset), usegmt=True)
    if operation.successor and set(PLACEHOLDER.findall(operation.successor)) <= path_values.keys():
        path = PLACEHOLDER.sub(lambda found: quote(path_values[found[1]], safe=""), operation.successor)
        yield b"link", f'<{quote(root)}{path}>; rel="successor-version"'


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
