"""Which operation a request means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from treaty.mock.refusals import refusal
from treaty.resolve.model import Operation

_HALF_AN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Found:
    """An operation and what the request's path gives for its placeholders; as CSV, all its pages are asked for."""

    operation: Operation
    given: Mapping[str, str]
    as_csv: bool = False


class Routes:
    """All operations, by path and method."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        # What is written out comes before a placeholder in the same place: `/days/today` before `/days/{day}`.
        operations = list(operations)
        exports = [export for operation in operations if (export := operation.as_csv())]
        self._exports = {export.http_path for export in exports}
        self._operations = sorted(
            [*operations, *exports], key=lambda operation: [part[:1] == "{" for part in _parts(operation)]
        )

    def find(self, method: str, path: str) -> Found:
        """The operation. Raises `Refused`: malformed, not found, or another method is needed."""
        parts = _segments(path)
        here = [(operation, given) for operation in self._operations if (given := _match(operation, parts)) is not None]
        if not here:
            raise refusal("not_found")
        wanted = "GET" if method == "HEAD" else method
        for operation, given in here:
            if operation.method == wanted:
                return Found(operation, given, as_csv=wanted == "GET" and operation.http_path in self._exports)
        allow = allowed(operation.method for operation, _ in here)
        raise refusal("method_not_allowed", headers={"Allow": allow})

    def methods(self, path: str) -> str:
        """What `OPTIONS` answers. Raises `Refused` when nothing is there."""
        parts = _segments(path)
        here = [operation.method for operation in self._operations if _match(operation, parts) is not None]
        if not here:
            raise refusal("not_found")
        return allowed(here)


def allowed(methods: Iterable[str]) -> str:
    """The value of the header `Allow`."""
    known = {*methods, "OPTIONS"}
    return ", ".join(sorted(known | ({"HEAD"} if "GET" in known else set())))


def _parts(operation: Operation) -> list[str]:
    return operation.http_path.split("/")[1:]


def _segments(path: str) -> list[str]:
    """The decoded parts of a request's path; one slash at its end is forgiven, as the service does."""
    if _HALF_AN_ESCAPE.search(path):
        raise refusal("malformed", "The path has a % without two hexadecimal digits after it.")
    try:
        return [unquote(part, errors="strict") for part in path.removesuffix("/").split("/")[1:]]
    except UnicodeDecodeError:
        raise refusal("malformed", "The path is not UTF-8.") from None


def _match(operation: Operation, segments: list[str]) -> dict[str, str] | None:
    parts = _parts(operation)
    if len(parts) != len(segments):
        return None
    given: dict[str, str] = {}
    for part, segment in zip(parts, segments, strict=True):
        if part.startswith("{") and segment:
            given[part[1:-1]] = segment
        elif part != segment:
            return None
    return given
