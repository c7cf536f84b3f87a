"""What rules read: the model, what the authors wrote, the feature files, and walks over all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from treaty.contract.kinds import AnyContract
from treaty.contract.parse import Contracts, Parsed
from treaty.contract.prose import is_phrase
from treaty.diagnostics import Location
from treaty.project import Project
from treaty.resolve.defaults import Merged
from treaty.resolve.fields import leaf
from treaty.resolve.model import Field, Inline, Job, Model, Phrase, Vocabulary
from treaty.rules.fit import Fit
from treaty.rules.plays import Play, plays
from treaty.rules.sentences import Sentences
from treaty.source.document import Path
from treaty.source.gherkin import FeatureFile


@dataclass(frozen=True, slots=True)
class Place:
    """A field and where it is written. `top` fields belong to the contract itself, others to an inline object."""

    owner: Parsed[AnyContract]
    path: Path
    field: Field
    top: bool

    @property
    def in_entity(self) -> bool:
        """Whether the field is a column."""
        return self.owner.contract.kind == "entity" and self.top

    @property
    def said(self) -> Mapping[str, Any]:
        """The words that the author gave the field."""
        written: Any = self.owner.document.data
        for part in self.path:
            written = written[part]
        return written if isinstance(written, dict) else {"type": written}

    def at(self, word: str) -> Location:
        """Where one of the field's words stands."""
        return self.owner.key_at(*self.path, word)


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one class: a contract's own, or those of an inline object."""

    owner: Parsed[AnyContract]
    path: Path
    class_name: str
    fields: tuple[Field, ...]
    top: bool


@dataclass(frozen=True, slots=True)
class PhrasePlace:
    """A phrase and where it is written."""

    owner: Parsed[Any]
    path: Path
    vocabulary: Vocabulary
    phrase: Phrase

    @property
    def written(self) -> Mapping[str, Any]:
        """The phrase as its author wrote it."""
        written: Mapping[str, Any] = self.owner.document.data["phrases"][self.path[1]]
        return written

    def wording_at(self, position: int) -> Location:
        """Where one of its wordings stands."""
        if position == 0:
            return self.owner.at(*self.path, self.phrase.type)
        return self.owner.at(*self.path, "also", position - 1)

    def act_path(self, position: int) -> Path:
        """Where one of its acts stands: `do` is a list, or the act itself."""
        return (*self.path, "do", position) if isinstance(self.written["do"], list) else (*self.path, "do")


@dataclass(frozen=True)
class Book:
    """Everything that rules read. `unresolved` are places that were complained about already.

    `today` is the day of the run, where what is said may depend on it: what is generated must not.
    """

    project: Project
    model: Model
    contracts: Contracts
    merged: Mapping[str, Merged]
    unresolved: frozenset[Location]
    features: tuple[FeatureFile, ...]
    today: date | None = None

    def parsed(self, key: str) -> Parsed[Any]:
        """What the author of a contract wrote."""
        return self.contracts.parsed[key]

    def fit(self, fields: Iterable[Field]) -> Fit:
        """Compares data with an object of these fields, which are the model's: many phrases fill the same ones."""
        wanted = tuple(fields)
        return self._fits.setdefault(tuple(id(field) for field in wanted), Fit(self.model, wanted))

    @cached_property
    def _fits(self) -> dict[tuple[int, ...], Fit]:
        return {}

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """All classes with fields."""
        return tuple(self._shapes())

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """All fields whose type is known."""
        return tuple(
            Place(shape.owner, (*shape.path, field.name), field, shape.top)
            for shape in self.shapes
            for field in shape.fields
            if field.at not in self.unresolved
        )

    @cached_property
    def sentences(self) -> Sentences:
        """The phrases of all vocabularies, ready to be matched."""
        broken = {key for key, kind in self.contracts.broken.items() if kind in (None, "vocabulary")}
        return Sentences(self.model.vocabularies.values(), broken | set(self._incomplete()))

    def _incomplete(self) -> Iterator[str]:
        """Vocabularies that hold phrases which are not what their author wrote."""
        for key, vocabulary in self.model.vocabularies.items():
            written = self.parsed(key)
            places = (path for path in written.document.values if is_phrase(path))
            if len(vocabulary.phrases) < len(written.contract.phrases) or any(
                written.at(*path) in self.contracts.distrusted for path in places
            ):
                yield key

    @cached_property
    def phrases(self) -> tuple[PhrasePlace, ...]:
        """All phrases."""
        return tuple(self._phrases())

    def phrases_above(self, namespace: str) -> Iterator[PhrasePlace]:
        """The phrases that a namespace may use: its own, and those of the namespaces above."""
        parts = namespace.split(".")
        for depth in range(1, len(parts) + 1):
            yield from self._phrases_of.get(".".join(parts[:depth]), ())

    @cached_property
    def _phrases_of(self) -> dict[str, list[PhrasePlace]]:
        found: dict[str, list[PhrasePlace]] = {}
        for place in self.phrases:
            found.setdefault(place.vocabulary.header.namespace, []).append(place)
        return found

    @cached_property
    def plays(self) -> tuple[Play, ...]:
        """All scenarios and what examples begin with, each step with the phrase that it says."""
        return tuple(plays(self.model, self.features, self.sentences))

    def phrase_place(self, phrase: Phrase) -> PhrasePlace:
        """Where a phrase is written."""
        return self._phrase_places[phrase.at]

    @cached_property
    def _phrase_places(self) -> dict[Location, PhrasePlace]:
        return {place.phrase.at: place for place in self.phrases}

    def _phrases(self) -> Iterator[PhrasePlace]:
        for key, vocabulary in self.model.vocabularies.items():
            owner = self.parsed(key)
            paths = {owner.at("phrases", index): ("phrases", index) for index in range(len(owner.contract.phrases))}
            for phrase in vocabulary.phrases:
                yield PhrasePlace(owner, paths[phrase.at], vocabulary, phrase)

    def _shapes(self) -> Iterator[Shape]:
        for key, contract in self.model.implemented.items():
            owner = self.parsed(key)
            if not isinstance(contract, Job) or contract.on is None:  # what it takes is the event's
                yield from _nested(owner, ("input",), f"{contract.class_name}Input", contract.input)
            if isinstance(contract.output, tuple):
                yield from _nested(owner, ("output",), f"{contract.class_name}Output", contract.output)
        for event in self.model.events.values():
            yield from _nested(self.parsed(event.header.key), ("payload",), event.class_name, event.payload)
        for entity in self.model.entities.values():
            yield from _nested(self.parsed(entity.header.key), ("fields",), entity.class_name, entity.fields)
        for type_ in self.model.types.values():
            yield from _nested(self.parsed(type_.header.key), ("fields",), type_.class_name, type_.fields)


def _nested(
    owner: Parsed[AnyContract], path: Path, class_name: str, fields: tuple[Field, ...], *, top: bool = True
) -> Iterator[Shape]:
    yield Shape(owner, path, class_name, fields, top)
    for field in fields:
        inner = leaf(field.type)
        if isinstance(inner, Inline):
            yield from _nested(owner, (*path, field.name, "fields"), inner.class_name, inner.fields, top=False)
