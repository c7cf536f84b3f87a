"""Misspelt names: which known one was probably meant, and when that is certain."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from treaty.diagnostics import Edit, Fix, Location

_SHORT = 4


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    plain = {_plain(candidate): candidate for candidate in known}
    if same := plain.get(_plain(word)):
        return same
    near = _near(word, plain)
    return plain[near[0]] if near else None


def respelling(at: Location, word: str, known: Iterable[str], within: tuple[str, str] | None = None) -> Fix | None:
    """The mend of a misspelt word, when one known word alone is near.

    `within`: the text that stands at the place, before and after its part that is misspelt.
    """
    found = sorted(set(known))
    same = [candidate for candidate in found if _plain(candidate) == _plain(word)]
    near = same or _near(word, {_plain(candidate): candidate for candidate in found})
    if len(near) != 1:
        return None
    meant = suggestion(word, found)
    before, after = within or ("", "")
    edit = Edit(at, f"{before}{word}{after}", f"{before}{meant}{after}")
    return Fix(f"write `{meant}` for `{word}`", (edit,)) if meant else None


def _near(word: str, plain: Iterable[str]) -> list[str]:
    """Names that a misspelt one may stand for, the nearest first."""
    return difflib.get_close_matches(_plain(word), plain, n=2, cutoff=0.6 if len(word) <= _SHORT else 0.7)


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())
