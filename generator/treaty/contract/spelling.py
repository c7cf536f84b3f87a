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
    """The mend of a misspelt word, when it can be one known word alone.

    `within`: the text that stands at the place, before and after its part that is misspelt.
    """
    meant = _certain(word, known)
    if meant is None:
        return None
    before, after = within or ("", "")
    edit = Edit(at, f"{before}{word}{after}", f"{before}{meant}{after}")
    return Fix(f"write `{meant}` for `{word}`", (edit,))


def _certain(word: str, known: Iterable[str]) -> str | None:
    """The one known word that is the same but for capitals and marks; or else one slip away; or else near at all."""
    found = sorted({candidate for candidate in known if _digits(candidate) == _digits(word)})
    same = [candidate for candidate in found if _plain(candidate) == _plain(word)]
    slips = same or [candidate for candidate in found if _is_slip(_plain(word), _plain(candidate))]
    if slips:
        return slips[0] if len(slips) == 1 else None
    plain = {_plain(candidate): candidate for candidate in found}
    near = _near(word, plain)
    return plain[near[0]] if len(near) == 1 else None


def _digits(word: str) -> list[str]:
    """Names that are counted are other names, and not misspelt: `line1`, `line2`."""
    return re.findall(r"[0-9]", word)


def _is_slip(word: str, meant: str) -> bool:
    """Whether two letters are exchanged, or one is missing, superfluous or another."""
    shorter = min(len(word), len(meant))
    if shorter < _SHORT - 1 or abs(len(word) - len(meant)) > 1:
        return False
    at = next((place for place in range(shorter) if word[place] != meant[place]), shorter)
    exchanged = word[at : at + 2] == meant[at : at + 2][::-1] and word[at + 2 :] == meant[at + 2 :]
    another = word[at + 1 :] == meant[at + 1 :] and len(word) >= _SHORT
    return exchanged or another or word[at:] == meant[at + 1 :] or word[at + 1 :] == meant[at:]


def _near(word: str, plain: Iterable[str]) -> list[str]:
    """Names that a misspelt one may stand for, the nearest first."""
    return difflib.get_close_matches(_plain(word), plain, n=2, cutoff=0.6 if len(word) <= _SHORT else 0.7)


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())
