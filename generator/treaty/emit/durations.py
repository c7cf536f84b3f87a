"""Durations as generated code writes them: in the largest unit that fits."""

from __future__ import annotations

from treaty.emit.scope import Scope

_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


def timedelta(seconds: int, scope: Scope) -> str:
    """The expression of a duration: `timedelta(hours=24)`."""
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    return f"{from_datetime('timedelta', scope)}({unit}={seconds // size})"


def from_datetime(name: str, scope: Scope) -> str:
    """The local name of a class of Python's `datetime`."""
    imports = scope.imports
    return f"datetime.{name}" if imports.has_module("datetime") else imports.name("datetime", name)
