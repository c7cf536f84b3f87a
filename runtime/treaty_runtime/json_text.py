"""JSON as callers send it: read strictly before any model sees it, so that what is odd is refused and never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from treaty_runtime.fields import check_text
from treaty_runtime.refusals import FieldError, Invalid, Malformed

__all__ = ["MAX_DEPTH", "read", "unstorable"]

MAX_DEPTH = 64
_CONTAINERS = (dict, list)


def read(text: bytes) -> Any:
    """The value of a JSON text.

    Raises `Malformed` for what is not JSON in UTF-8, names a field twice or nests deeper than `MAX_DEPTH`,
    and `Invalid` for what JSON can write and nothing can store: NUL, lone surrogates, numbers of thousands of digits.
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
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _is_too_deep(value):
        raise Malformed(_too_deep())
    if b"\\u" in text and (broken := list(unstorable(value))):
        raise Invalid(broken)
    return value


def unstorable(value: Any, path: str = "") -> Iterator[FieldError]:
    """Texts in JSON data that PostgreSQL cannot keep. A name that is one is not repeated: it could not be answered."""
    if isinstance(value, str):
        if message := _what_is_wrong(value):
            yield FieldError(path, message)
    elif isinstance(value, dict):
        for name, child in value.items():
            if message := _what_is_wrong(name):
                yield FieldError(path, message)
            else:
                yield from unstorable(child, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from unstorable(child, f"{path}.{index}" if path else str(index))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("The body names a field twice in one object.")
    return made


def _constant(name: str) -> Any:
    raise Malformed(f"The body is not JSON: {name} is no JSON number.")


def _too_deep() -> str:
    return f"The body nests deeper than {MAX_DEPTH} levels."


def _is_too_deep(value: Any) -> bool:
    """Level by level: what is flat is done at once, however much there is of it."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if type(item) is dict else item)
            if type(child) in _CONTAINERS
        ]
        if not level:
            return False
    return True


def _what_is_wrong(text: str) -> str | None:
    try:
        check_text(text)
    except ValueError as error:
        return str(error)
    return None
