"""The http line of an operation: `POST /billing/usage/{name} -> 201`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from treaty.diagnostics import Location, replacement
from treaty.resolve.context import Context

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LINE = re.compile(r"(?P<method>\S+) +(?P<path>\S+)(?: +-> +(?P<status>\S+))?")
_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+|\{[a-z][A-Za-z0-9]*\}")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class HttpLine:
    """Method, path and the status of success."""

    method: str
    path: str
    status: int

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in braces, in order."""
        return tuple(_PLACEHOLDER.findall(self.path))


def parse_http(text: str) -> HttpLine | tuple[str, str]:
    """The line, or what is wrong with it and what to write instead."""
    match = _LINE.fullmatch(text)
    if match is None:
        return "is not an http line.", "Write `METHOD /path/{name} -> status`, such as `POST /billing/usage -> 201`."
    method, path, status = match["method"], match["path"], match["status"] or "200"
    if method not in METHODS:
        return f"has no method `{method}`.", f"Write one of {', '.join(METHODS)}."
    if complaint := _path_problem(path):
        return complaint
    if not re.fullmatch(r"[0-9]{3}", status):
        return f"has no status `{status}`.", "Write a number after the arrow, such as `-> 201`."
    return HttpLine(method, path, int(status))


def http_line(text: str, at: Location, context: Context) -> HttpLine | None:
    """The line that a contract says at a place; one that can't be read is told."""
    http = parse_http(text)
    if isinstance(http, HttpLine):
        return http
    (message, hint), right = http, meant(text)
    context.complain(at, "http-invalid", f"`{text}` {message}", hint, replacement(at, text, right) if right else None)
    return None


def meant(text: str) -> str | None:
    """The line with its method in capitals, and slashes at the beginning of its path and not at its end."""
    match = _LINE.fullmatch(text)
    if match is None:
        return None
    arrow = f" -> {match['status']}" if match["status"] else ""
    right = f"{match['method'].upper()} /{match['path'].strip('/')}{arrow}"
    return right if right != text and isinstance(parse_http(right), HttpLine) else None


def _path_problem(path: str) -> tuple[str, str] | None:
    segments = path.split("/")
    if segments[0] or len(segments) < 2:
        return "has a path that does not begin with `/`.", "Write a path, such as `/billing/usage`."
    if path != "/" and not segments[-1]:
        return "has a path that ends with `/`.", "Leave the last slash out."
    for segment in segments[1:]:
        if not _SEGMENT.fullmatch(segment):
            return (
                f"has a path with the part `{segment}`.",
                "Between slashes stand letters, digits, `-`, `.`, `_`, `~`, or one `{name}` alone.",
            )
    repeated = [name for name in _PLACEHOLDER.findall(path) if path.count(f"{{{name}}}") > 1]
    if repeated:
        return f"has `{{{repeated[0]}}}` twice.", "Give each part of the path its own name."
    return None
