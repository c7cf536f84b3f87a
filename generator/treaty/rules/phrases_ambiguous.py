"""A sentence means one thing."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diagnostics import Location
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book
from treaty.rules.sentences import Keyword, Wording

Pair = frozenset[tuple[Location | None, int]]


def check(book: Book) -> Iterator[Finding]:
    """Look for wordings that say each other, and for sentences that two phrases say.

    behave knows no namespaces, so phrases that are not visible count, too.
    """
    reported: set[Pair] = set()
    for keyword in ("when", "then"):
        for wording, other in _overlapping(book, keyword):
            reported.add(frozenset((_place(wording), _place(other))))
            yield _wording(book, wording, other)
    yield from _sentences(book, reported)


def _overlapping(book: Book, keyword: Keyword) -> Iterator[tuple[Wording, Wording]]:
    """Each wording with the first one before it that matches its text, or the other way round."""
    wordings = book.sentences.wordings[keyword]
    by_text: dict[str, Wording] = {}
    order = {id(wording): position for position, wording in enumerate(wordings)}
    for wording in wordings:
        same = by_text.setdefault(wording.pattern, wording)
        if same is not wording:
            yield wording, same
            continue
        others = book.sentences.candidates(keyword, wording.pattern)
        other = next((o for o in others if o.pattern != wording.pattern and o.match(wording.pattern) is not None), None)
        if other is not None:
            later, first = (wording, other) if order[id(wording)] > order[id(other)] else (other, wording)
            yield later, first


def _wording(book: Book, wording: Wording, other: Wording) -> Finding:
    assert wording.phrase is not None  # noqa: S101 - built-in steps come first, so the later one is an author's
    at = book.phrase_place(wording.phrase).wording_at(wording.position)
    where = _where(book, other)
    return Finding(
        at,
        f"`{wording.pattern}` and `{other.pattern}` ({where}) can say the same sentence.",
        "Word one of them differently, or give its placeholder a narrower format, such as `{name:w}`.",
    )


def _sentences(book: Book, reported: set[Pair]) -> Iterator[Finding]:
    seen: set[Location] = set()
    for play in book.plays:
        for step in play.steps:
            found = [match.wording for match in book.sentences.matches(step.type, step.text)]
            pair = frozenset(_place(wording) for wording in found[:2])
            if len(found) < 2 or step.at in seen or pair in reported:
                continue
            seen.add(step.at)
            ways = " and ".join(f"`{wording.pattern}` ({_where(book, wording)})" for wording in found[:2])
            yield Finding(
                step.at, f"`{step.text}` is ambiguous: {ways} say it.", "Word one of the phrases differently."
            )


def _place(wording: Wording) -> tuple[Location | None, int]:
    return wording.phrase.at if wording.phrase else None, wording.position


def _where(book: Book, wording: Wording) -> str:
    if wording.phrase is None:
        return "a step that every project has"
    return str(book.phrase_place(wording.phrase).wording_at(wording.position))


RULE = Rule("phrase-ambiguous", "A sentence that means two things proves one of them at random.", check)
