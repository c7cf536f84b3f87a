"""Phrases compared, whichever vocabulary they stand in: by their wordings, then by their meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from string import Formatter

from treaty.diagnostics import Location
from treaty.diff.base import Found
from treaty.diff.catalogue import phrases as classes
from treaty.diff.meanings import Meanings, covers, is_legible, same
from treaty.diff.side import Side, Sides
from treaty.diff.wording import quoted
from treaty.resolve.model import Phrase

Sign = tuple[bool, str]


def compare_phrases(sides: Sides) -> Iterator[Found]:
    """What became of every phrase."""
    yield from _Comparison(sides).run()


class _Comparison:
    def __init__(self, sides: Sides) -> None:
        self._before, self._after = Meanings.of(sides)
        self._old, self._new = _phrases(sides.old), _phrases(sides.new)
        self._uses = Uses(sides.old)

    def run(self) -> Iterator[Found]:
        known = {sign: phrase for phrase in self._new for sign in _signs(phrase)}
        pairs = [(phrase, next(filter(None, map(known.get, _signs(phrase))), None)) for phrase in self._old]
        left = [phrase for phrase in self._new if all(phrase is not other for _, other in pairs)]
        for phrase, found in pairs:
            other = found or self._of_the_same_meaning(phrase, left)
            if other is None:
                key, new = self._before.side.keys_by_path[phrase.at.path], self._after.side
                if not new.lacks(key) and _is_legible_in(new, key):
                    yield self._removed(phrase)
                continue
            left = [item for item in left if item is not other]
            yield from self._phrase(phrase, other)
        for phrase in left:
            if _is_legible_in(self._before.side, self._after.side.keys_by_path[phrase.at.path]):
                yield Found(classes.PHRASE_ADDED, phrase.at, f"`{phrase.patterns[0]}` is new.")

    def _of_the_same_meaning(self, phrase: Phrase, left: list[Phrase]) -> Phrase | None:
        alike = [
            other for other in left if self._does_the_same(phrase, other) and self._expects_the_same(phrase, other)
        ]
        return alike[0] if len(alike) == 1 else None

    def _does_the_same(self, old: Phrase, new: Phrase) -> bool:
        return same(self._before.acts(old), self._after.acts(new))

    def _expects_the_same(self, old: Phrase, new: Phrase) -> bool:
        return same(self._before.expectation(old), self._after.expectation(new))

    def _removed(self, phrase: Phrase) -> Found:
        uses = self._uses.of(phrase)
        kind = classes.PHRASE_REMOVED if uses else classes.UNUSED_PHRASE_CHANGED
        return Found(kind, phrase.at, f"`{phrase.patterns[0]}` is gone.", "old", uses)

    def _phrase(self, old: Phrase, new: Phrase) -> Iterator[Found]:
        uses = self._uses.of(old)
        if not (self._before.understands(old) and self._after.understands(new)):
            return
        if not self._does_the_same(old, new):
            kind = classes.PHRASE_DOES_OTHERWISE if uses else classes.UNUSED_PHRASE_CHANGED
            yield Found(kind, new.at, f"`{new.patterns[0]}` does something else than before.", "new", uses)
        if not self._expects_the_same(old, new):
            yield self._expectation(old, new, uses)
        if _wordings(old) != _wordings(new):
            yield Found(classes.PHRASE_REWORDED, new.at, f"`{new.patterns[0]}` has other wordings than before.")

    def _expectation(self, old: Phrase, new: Phrase, uses: tuple[str, ...]) -> Found:
        before, after = self._before.expectation(old) or {}, self._after.expectation(new) or {}
        if covers(after, before):
            message = f"`{new.patterns[0]}` expects more than before."
            return Found(classes.PHRASE_EXPECTS_MORE, new.at, message, "new", uses)
        kind = classes.PHRASE_EXPECTS_LESS if uses else classes.UNUSED_PHRASE_CHANGED
        words = [word for word in before if word not in after or not covers(after[word], before[word])]
        message = f"`{new.patterns[0]}` expects something else than before: {quoted(words)}."
        return Found(kind, new.at, message, "new", uses)


def _phrases(side: Side) -> list[Phrase]:
    return [item for vocabulary in side.model.vocabularies.values() for item in vocabulary.phrases if is_legible(item)]


def _is_legible_in(side: Side, key: str) -> bool:
    """Whether a vocabulary, if there is one, has no phrase that may be any other's."""
    vocabulary = side.model.vocabularies.get(key)
    return vocabulary is None or all(map(is_legible, vocabulary.phrases))


def _signs(phrase: Phrase) -> Iterator[Sign]:
    """The wordings of a phrase without the names of their placeholders, and whether it is a Then."""
    for pattern in phrase.patterns:
        yield phrase.type == "then", "".join(_nameless(pattern))


def _nameless(pattern: str) -> Iterator[str]:
    for text, name, spec, _ in Formatter().parse(pattern):
        yield text.replace("{", "{{").replace("}", "}}")
        if name is not None:
            yield f"{{:{spec}}}" if spec else "{}"


def _wordings(phrase: Phrase) -> frozenset[Sign]:
    return frozenset(_signs(phrase))


@dataclass(frozen=True)
class Uses:
    """Which scenarios say a phrase, in contracts and in feature files."""

    side: Side

    def of(self, phrase: Phrase) -> tuple[str, ...]:
        """Their names: `saas.billing.usage.record: record-usage-happy-path`."""
        return tuple(self._by_phrase.get(phrase.at, ()))

    @cached_property
    def _by_phrase(self) -> dict[Location, dict[str, None]]:
        found: dict[Location, dict[str, None]] = defaultdict(dict)
        for name, phrase in (*self._contracts(), *self._features()):
            found[phrase.at][name] = None
        return found

    def _contracts(self) -> Iterator[tuple[str, Phrase]]:
        for play in self.side.book.plays:
            for step in play.steps:
                if play.operation is not None and step.match and step.match.wording.phrase:
                    yield f"{play.operation}: {play.key}", step.match.wording.phrase

    def _features(self) -> Iterator[tuple[str, Phrase]]:
        for feature in self.side.book.features:
            for scenario in feature.scenarios:
                for step in scenario.steps:
                    found = self.side.book.sentences.visible(step.type, step.text, feature.namespace)
                    if len(found) == 1 and (phrase := found[0].wording.phrase):
                        yield f"{feature.path}: {scenario.name}", phrase
