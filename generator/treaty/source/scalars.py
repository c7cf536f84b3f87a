"""Plain scalars by YAML 1.2's core rules: `no`, `on`, `2:30:00` and dates are text, `0123` is 123."""

from __future__ import annotations

import math
import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER = 60


class UnusableNumberError(ValueError):
    """A number that JSON can't carry: infinite, not a number, or absurdly long."""


def read_plain(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises `UnusableNumberError`."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    return _number(text)


def _number(text: str) -> Scalar:
    if _NOT_FINITE.fullmatch(text):
        raise UnusableNumberError(text)
    if _FLOAT.fullmatch(text) is None:
        return _other_base(text)
    if len(text) > _LONGEST_NUMBER:
        raise UnusableNumberError(f"{text[:20]}…")
    if _INTEGER.fullmatch(text):
        return int(text)
    value = float(text)
    if not math.isfinite(value):
        raise UnusableNumberError(text)
    return value


def _other_base(text: str) -> Scalar:
    if len(text) <= _LONGEST_NUMBER:
        if _OCTAL.fullmatch(text):
            return int(text[2:], 8)
        if _HEXADECIMAL.fullmatch(text):
            return int(text[2:], 16)
    return text
