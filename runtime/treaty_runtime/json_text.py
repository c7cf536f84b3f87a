"""JSON as callers send it: read strictly before any model sees it, so that what is odd is refused and never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from treaty_runtime.refusals import FieldError, Invalid, Malformed

__all__ = ["MAX_DEPTH", "read"]

MAX_DEPTH = 64


def read(text: bytes) -> Any:
    """The value of a JSON text.

    Raises `Malformed` for what is not JSON in UTF-8, names a field twice or nests deeper than `MAX_DEPTH`,
    and `Invalid` for what JSON can write and nothing can store: lone surrogates, numbers of thousands of digits.
    """
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error.msg} at character {error.pos}.") from None
    except RecursionError:
        raise Malformed(_too_deep()) from None
    except ValueError:  # after its subclasses above: an integer of thousands of digits
        raise Invalid([FieldError("", "must not hold numbers of thousands of digits")]) from None
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise Malformed(_too_deep())
    if b"\\u" in text and (broken := list(_lone_surrogates(value))):
        raise Invalid([FieldError(path, "must not contain lone surrogates") for path in broken])
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("The body names a field twice in one object.")
    return made


def _constant(name: str) -> Any:
    raise Malformed(f"The body is not JSON: {name} is no JSON number.")


def _too_deep() -> str:
    return f"The body nests deeper than {MAX_DEPTH} levels."


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        item, level = waiting.pop()
        if isinstance(item, dict | list):
            deepest = max(deepest, level)
            waiting.extend((child, level + 1) for child in (item.values() if isinstance(item, dict) else item))
    return deepest


def _lone_surrogates(value: Any, path: str = "") -> Iterator[str]:
    """Where they are. A name that holds one is not repeated in its path: it could not be answered."""
    if isinstance(value, str):
        if not _encodable(value):
            yield path
    elif isinstance(value, dict):
        for name, child in value.items():
            if _encodable(name):
                yield from _lone_surrogates(child, f"{path}.{name}" if path else name)
            else:
                yield path
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _lone_surrogates(child, f"{path}.{index}" if path else str(index))


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
