"""The mend of a word's value, where only one can be meant: quotes, brackets, and names in their own way of writing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic.alias_generators import to_camel

from treaty.contract import patterns
from treaty.contract.spelling import respelling
from treaty.diagnostics import Edit, Fix, Location, replacement
from treaty.source.quotes import in_quotes

Error = Mapping[str, Any]
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]*")
_YES_OR_NO = {"yes": "true", "on": "true", "no": "false", "off": "false", "true": "true", "false": "false"}


def fix_of(error: Error, at: Location, as_written: str | None) -> Fix | None:
    """The mend of what pydantic found wrong with the value `at` a place; `as_written`: how a number looks there."""
    make = _BY_ERROR.get(error["type"])
    return make(error, at, as_written) if make else None


def choices(error: Error) -> list[str]:
    """What may stand where one of several texts is wanted."""
    return re.findall(r"'([^']*)'", error["ctx"]["expected"])


def _text(error: Error, at: Location, as_written: str | None) -> Fix | None:
    if as_written is not None:
        return in_quotes(at, as_written)
    given = error.get("input")
    if isinstance(given, dict) and len(given) == 1:
        ((word, rest),) = given.items()
        if isinstance(rest, str) and rest:
            return in_quotes(at, f"{word}: {rest}")  # `: ` made a mapping of it
    return None


def _number(error: Error, at: Location, _: str | None) -> Fix | None:
    given = error.get("input")
    if isinstance(given, str) and re.fullmatch(r"-?(0|[1-9][0-9]*)", given):
        return Fix(f"take the quotes of `{given}` away", (Edit(at, given, given, unquote=True),))
    return None


def _boolean(error: Error, at: Location, _: str | None) -> Fix | None:
    given = error.get("input")
    meant = _YES_OR_NO.get(given.lower()) if isinstance(given, str) else None
    return replacement(at, str(given), meant, unquote=True) if meant else None


def _list(error: Error, at: Location, _: str | None) -> Fix | None:
    given = error.get("input")
    if isinstance(given, str) and _BARE.fullmatch(given):
        return replacement(at, given, f"[{given}]", unquote=True)
    return None


def _choice(error: Error, at: Location, _: str | None) -> Fix | None:
    given = error.get("input")
    return respelling(at, given, choices(error)) if isinstance(given, str) else None


def _pattern(error: Error, at: Location, _: str | None) -> Fix | None:
    """A name that is right but for how it is written."""
    pattern, given = error["ctx"]["pattern"], error.get("input")
    rewrite = _REWRITTEN.get(pattern)
    if rewrite is None or not isinstance(given, str):
        return None
    meant = rewrite(given)
    fits = meant != given and re.fullmatch(pattern, meant)
    return replacement(at, given, meant) if fits else None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[ -]+", "_", name).lower()


def _camel(name: str) -> str:
    plain = re.sub(r"[ -]+", "_", name)
    return to_camel(plain) if "_" in plain else plain[:1].lower() + plain[1:]


def _slug(name: str) -> str:
    return re.sub(r"[ _]+", "-", name).lower()


def _header(name: str) -> str:
    return "-".join(word[:1].upper() + word[1:] for word in re.split(r"[ _-]+", name))


_REWRITTEN: dict[str, Callable[[str], str]] = {
    patterns.VERSION: lambda text: text.removeprefix("v"),
    patterns.DURATION: lambda text: text.replace(" ", ""),
    patterns.FIELD_NAME: _camel,
    patterns.ERROR_CODE: _snake,
    patterns.SCENARIO_KEY: _slug,
    patterns.HEADER_NAME: _header,
    patterns.ROLE: lambda text: text.replace(" ", "_").lower(),
    patterns.PHRASE: str.strip,
}
_BY_ERROR: dict[str, Callable[[Error, Location, str | None], Fix | None]] = {
    "string_type": _text,
    "int_type": _number,
    "float_type": _number,
    "bool_type": _boolean,
    "tuple_type": _list,
    "literal_error": _choice,
    "enum": _choice,
    "string_pattern_mismatch": _pattern,
}
