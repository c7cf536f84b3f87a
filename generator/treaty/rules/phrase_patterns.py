"""Every wording of a phrase can be matched, and all of them give the same values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, PhrasePlace
from treaty.rules.sentences import PatternError, compile_pattern

_NAME = re.compile(r"[a-z][A-Za-z0-9_]*")
_RESERVED = ("row", "world")


def check(book: Book) -> Iterator[Finding]:
    """Compile every wording and compare their placeholders."""
    for place in book.phrases:
        yield from _phrase(place)


def _phrase(place: PhrasePlace) -> Iterator[Finding]:
    first: dict[str, str] | None = None
    for position, pattern in enumerate(place.phrase.patterns):
        at = place.wording_at(position)
        found = placeholders(pattern)
        if isinstance(found, str):
            yield Finding(
                at,
                f"This wording {found}.",
                "Write placeholders as `{name}` or `{name:d}`; a brace itself is doubled: `{{`.",
            )
            continue
        if first is None:
            first = found
        elif found != first:
            yield Finding(
                at,
                f"This wording has {_said(found)}; the first one has {_said(first)}.",
                "Give every wording the same placeholders.",
            )


def placeholders(pattern: str) -> dict[str, str] | str:
    """The placeholders of a pattern with their formats, or what is wrong with it."""
    if "{" not in pattern and "}" not in pattern:
        return {}
    try:
        parts = [
            (name, spec or "", conversion)
            for _, name, spec, conversion in Formatter().parse(pattern)
            if name is not None
        ]
        compile_pattern(pattern)
    except (PatternError, ValueError) as error:
        return f"is no pattern: {error}"
    for name, _, conversion in parts:
        if not _NAME.fullmatch(name) or conversion:
            return f"has a placeholder without a plain name: `{{{name}}}`"
        if name in _RESERVED:
            return f"has a placeholder called `{name}`, which means something else"
    return {name: spec for name, spec, _ in parts}


def _said(found: dict[str, str]) -> str:
    return ", ".join(f"`{{{name}{':' + spec if spec else ''}}}`" for name, spec in found.items()) or "no placeholders"


RULE = Rule("phrase-pattern", "Placeholders are parameters of one function, whichever wording is used.", check)
