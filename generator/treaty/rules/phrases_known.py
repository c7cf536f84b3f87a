"""Every sentence of a scenario, an example or a feature file is a phrase of a vocabulary that it may use."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book
from treaty.rules.plays import PlayedStep
from treaty.rules.sentences import Keyword


def check(book: Book) -> Iterator[Finding]:
    """Look for sentences that no visible phrase matches."""
    seen = set(book.contracts.distrusted)
    for play in book.plays:
        for step in play.steps:
            if step.at in seen or book.sentences.visible(step.type, step.text, play.namespace):
                continue
            seen.add(step.at)
            if not book.sentences.may_be_elsewhere(play.namespace):
                yield Finding(step.at, f"No phrase says `{step.text}`.", _hint(book, step, play.namespace))


def _hint(book: Book, step: PlayedStep, namespace: str) -> str:
    elsewhere = [match.wording.vocabulary for match in book.sentences.matches(step.type, step.text)]
    if elsewhere and elsewhere[0]:
        return f"`{elsewhere[0].header.key}` says it, but only for its own namespace and those below."
    others: tuple[Keyword, ...] = ("when",) if step.type == "then" else ("then",)
    for other in others:
        if book.sentences.visible(other, step.text, namespace):
            meant = "Given or When" if other == "when" else "Then"
            return f"As a {meant} it is known; here stands a {step.type.capitalize()}."
    if near := book.sentences.nearest(step.type, step.text, namespace):
        return f"Nearest: {'; '.join(f'`{pattern}`' for pattern in near)}."
    return "Add the phrase to a vocabulary of this namespace, or of one above."


RULE = Rule("phrase-unknown", "A sentence without a meaning can't be played.", check)
