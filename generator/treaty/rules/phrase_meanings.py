"""A phrase means something: a Given or When does it, a Then expects it."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.contract.vocabulary import ActorAct, Expectation
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, PhrasePlace

_SAYING = ("outcome", "error", "output", "events", "changes", "deliveries", "total", "step")


def check(book: Book) -> Iterator[Finding]:
    """Look at `do` and `expect` of every phrase."""
    for place in book.phrases:
        yield from _then(place) if place.phrase.type == "then" else _given_or_when(place)


def _then(place: PhrasePlace) -> Iterator[Finding]:
    owner, path, expect = place.owner, place.path, place.phrase.expect
    if "do" in place.written:
        yield Finding(
            owner.key_at(*path, "do"),
            "A Then does nothing.",
            "Write what must be so under `expect`, or make it a When.",
        )
    elif expect is None:
        yield Finding(owner.at(*path), "This Then expects nothing.", "Write what must be so under `expect`.")
    else:
        yield from _expectation(place, expect)


def _given_or_when(place: PhrasePlace) -> Iterator[Finding]:
    owner, path = place.owner, place.path
    if "expect" in place.written:
        yield Finding(
            owner.key_at(*path, "expect"),
            f"A {place.phrase.type.capitalize()} expects nothing.",
            "Write what happens under `do`, or make it a Then.",
        )
    elif not place.phrase.acts:
        yield Finding(owner.at(*path), "Nothing happens in this phrase.", "Write what happens under `do`.")
    for position, act in enumerate(place.phrase.acts):
        if isinstance(act, ActorAct) and act.actor == "nobody" and (act.tenant or act.roles):
            yield Finding(
                owner.at(*place.act_path(position)),
                "`nobody` has no tenant and no roles.",
                "Delete them, or name a person.",
            )


def _expectation(place: PhrasePlace, expect: Expectation) -> Iterator[Finding]:
    at = place.owner.key_at(*place.path, "expect")
    if all(getattr(expect, word) is None for word in _SAYING):
        yield Finding(at, "This Then expects nothing.", f"Write one of {', '.join(_SAYING)}.")
    if expect.error is not None and expect.outcome == "success":
        yield Finding(
            place.owner.at(*place.path, "expect", "outcome"), "A success has no error.", "Delete one of the two."
        )
    if expect.output is not None and (expect.error is not None or expect.outcome == "refused"):
        yield Finding(
            place.owner.key_at(*place.path, "expect", "output"), "A refusal has no output.", "Delete one of the two."
        )
    if expect.with_ and expect.step is None:
        yield Finding(
            place.owner.key_at(*place.path, "expect", "with"),
            "`with` is what a `step` is given, and there is none.",
            "Add `step:`, or delete `with`.",
        )


RULE = Rule("phrase-meaning", "A phrase that does or expects nothing proves nothing.", check)
