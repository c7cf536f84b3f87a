"""Sensitive values, by the paths that a contract marks: taken out of what is kept, blacked out in what is said.

A path is wire names with dots (`card.number`); `*` stands for every item of a list and every value of a map.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["blackened", "texts_at", "without"]

BLACK = "[sensitive]"


def without(value: Any, paths: Iterable[str]) -> Any:
    """JSON data without the fields at `paths`; what was given stays as it was."""
    for path in paths:
        value = _without(value, path.split("."))
    return value


def texts_at(value: Any, paths: Iterable[str]) -> Iterator[str]:
    """The texts and numbers at `paths` and below, as texts."""
    for path in paths:
        for found in _at(value, path.split(".")):
            yield from _texts(found)


def blackened(text: str, secrets: Iterable[str]) -> str:
    """A text in which none of the secrets can be read."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, BLACK)
    return text


def _without(value: Any, path: list[str]) -> Any:
    name, *rest = path
    if isinstance(value, list):
        return [] if not rest else [_without(item, rest) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without(item, rest) if key == name or name == "*" else item
        for key, item in value.items()
        if rest or name not in (key, "*")
    }


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _at(item, path[1:])
    elif isinstance(value, dict):
        for key, item in value.items():
            if path[0] in (key, "*"):
                yield from _at(item, path[1:])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
