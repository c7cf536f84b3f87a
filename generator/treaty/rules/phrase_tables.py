"""A phrase that speaks of a table's row is said with such a table."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, PhrasePlace
from treaty.rules.plays import PlayedStep
from treaty.rules.templates import REFERENCE, texts


def check(book: Book) -> Iterator[Finding]:
    """Compare `{row.x}` with the tables below the steps that say the phrase."""
    columns = {place.phrase.at: _columns(place) for place in book.phrases}
    seen: set[str] = set()
    for play in book.plays:
        for step in play.steps:
            phrase = step.match.wording.phrase if step.match else None
            needed = columns[phrase.at] if phrase else set()
            if str(step.at) not in seen:
                seen.add(str(step.at))
                yield from _step(step, needed)


def _columns(place: PhrasePlace) -> set[str]:
    found = texts([place.written.get("do", []), place.written.get("expect", {})], ())
    return {match[2] for _, text in found for match in REFERENCE.finditer(text) if match[1] == "row" and match[2]}


def _step(step: PlayedStep, needed: set[str]) -> Iterator[Finding]:
    if needed and step.columns is None:
        heading = " | ".join(sorted(needed))
        yield Finding(
            step.at,
            f"`{step.text}` is said once for each row of a table, and there is none.",
            f"Write a table below it, in a feature file: | {heading} |.",
        )
    elif step.columns is not None and (missing := sorted(needed - set(step.columns))):
        yield Finding(
            step.at, f"The table below `{step.text}` has no column `{missing[0]}`.", f"Add the column `{missing[0]}`."
        )
    elif step.columns is not None and not needed and step.match:
        yield Finding(
            step.at,
            f"`{step.text}` makes nothing of the table below it.",
            "Delete the table, or use `{row.x}` in the phrase's acts.",
        )


RULE = Rule("phrase-table", "A row that nobody reads tests nothing.", check)
