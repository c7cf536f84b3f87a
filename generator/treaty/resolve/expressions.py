"""Type expressions: `optional list of Meter` taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

_EXPRESSION = re.compile(r"(?P<optional>optional )?(?P<around>(?:(?:list|map) of )*)(?P<base>[A-Za-z][A-Za-z0-9.-]*)")
_MAX_NESTING = 4


@dataclass(frozen=True, slots=True)
class Expression:
    """`optional`, what is around the base (outermost first), and the base: a scalar, `object` or a contract."""

    optional: bool
    around: tuple[Literal["list", "map"], ...]
    base: str

    @property
    def before(self) -> str:
        """What is written before the base."""
        return f"{'optional ' if self.optional else ''}{''.join(f'{word} of ' for word in self.around)}"


@cache  # most fields have one of a few types
def parse_expression(text: str) -> Expression | tuple[str, str]:
    """The expression, or what is wrong with it and what to write instead."""
    match = _EXPRESSION.fullmatch(text)
    if match is None or match["base"] in ("optional", "list", "map", "of"):
        return f"`{text}` is not a type.", _hint(text)
    around: tuple[Literal["list", "map"], ...] = tuple(
        "list" if word == "list" else "map" for word in match["around"].split() if word != "of"
    )
    if len(around) > _MAX_NESTING:
        return f"`{text}` is nested too deeply.", "Name the inner part: a contract of kind `type`."
    return Expression(match["optional"] is not None, around, match["base"])


def meant(text: str) -> str | None:
    """The expression that another way of writing the same stands for: `T?`, `T[]`, `array of T`, more spaces."""
    words = re.sub(r"\b(?:array|List|Array) of\b", "list of", " ".join(text.split()))
    plain = words.removesuffix("?").rstrip()
    optional = "optional " if plain != words else ""
    while plain.endswith("[]"):
        plain = f"list of {plain[:-2].rstrip()}"
    words = f"{optional}{plain}"
    return words if words != text and isinstance(parse_expression(words), Expression) else None


def _hint(text: str) -> str:
    if "  " in text or text != text.strip():
        return "Write single spaces between words."
    if "optional" in text:
        return "`optional` comes first, once: `optional list of string`."
    if "?" in text or "null" in text.lower():
        return "Write `optional T` for a value that may be absent."
    if "[" in text or "array" in text.lower():
        return "Write `list of T`."
    return "Write a built-in type, `list of T`, `map of T`, or a contract's name, with single spaces."
