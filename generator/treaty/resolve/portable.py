r"""Regular expressions that mean the same everywhere.

`\d` and `\w` are ASCII only to JSON Schema, and any script's digits and letters to the engines of the service and of
test tools. They are spelled out, so that whoever reads a pattern reads the same one.
"""

from __future__ import annotations

import re

_INSIDE = {"d": "0-9", "w": "A-Za-z0-9_"}
_TOKEN = re.compile(r"\\(.)|(\[\^?\]?)|(\])", re.DOTALL)


def portable(pattern: str) -> str:
    r"""The pattern with `\d`, `\D`, `\w` and `\W` spelled out; `\D` and `\W` stay as they are inside a class."""
    inside = False

    def spelled(match: re.Match[str]) -> str:
        nonlocal inside
        escaped, opening, _ = match.groups()
        if escaped is None:
            inside = opening is not None
            return match[0]
        members = _INSIDE.get(escaped.lower())
        if members is None or (inside and escaped.isupper()):
            return match[0]
        return members if inside else f"[{'^' if escaped.isupper() else ''}{members}]"

    return _TOKEN.sub(spelled, pattern)
