"""One side of a comparison: contracts that were understood, and where their words stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from treaty.diagnostics import Location
from treaty.diff.base import Which
from treaty.json_schema import output_fields, types_in
from treaty.resolve.model import Field, Header, Model, TypeRef
from treaty.rules.book import Book, Place


@dataclass(frozen=True)
class Side:
    """OLD or NEW. `label` is what the caller of the command named it by."""

    label: str
    book: Book

    @property
    def model(self) -> Model:
        """The linked contracts."""
        return self.book.model

    @cached_property
    def headers(self) -> dict[str, Header]:
        """What every contract says of itself, by key."""
        return {header.key: header for header in self.model.headers()}

    @cached_property
    def keys_by_path(self) -> dict[str, str]:
        """The key of the contract that stands in a file."""
        return {header.path: header.key for header in self.model.headers()}

    @cached_property
    def _places(self) -> dict[Location, Place]:
        return {place.field.at: place for place in self.book.places}

    @cached_property
    def used_types(self) -> frozenset[str]:
        """The keys of the types that operations, jobs, events and entities are made of."""
        outputs = {item.output.key for item in self.model.implemented.values() if isinstance(item.output, TypeRef)}
        return frozenset(types_in(self.model, self._fields())) | outputs

    def _fields(self) -> Iterator[Field]:
        for contract in self.model.implemented.values():
            yield from contract.input
            yield from output_fields(self.model, contract.output)
        for event in self.model.events.values():
            yield from event.payload
        for entity in self.model.entities.values():
            yield from entity.fields

    def understands(self, field: Field) -> bool:
        """Whether the type of a field is known."""
        return field.at not in self.book.unresolved

    def lacks(self, key: str) -> bool:
        """Whether a contract is there and could not be understood."""
        return key in self.book.contracts.broken

    def field_at(self, field: Field, word: str) -> Location:
        """Where a field's word stands; the field itself when it is not said."""
        place = self._places.get(field.at)
        return place.at(word) if place and word in place.said else field.at

    def word_at(self, key: str, *path: str | int) -> Location:
        """Where a contract's word stands, or what is around it."""
        return self.book.parsed(key).key_at(*path)

    def says(self, key: str, word: str) -> bool:
        """Whether a contract says a word itself."""
        return (word,) in self.book.parsed(key).document.keys


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared, and on which day. `renamed` contracts go by another key in NEW.

    They are the same to their readers all the same: what answers at the same place, or the same major version.
    """

    old: Side
    new: Side
    renamed: Mapping[str, str]
    today: date

    def word(self, old: Header, new: Header, word: str) -> tuple[Location, Which]:
        """Where a contract says a word, and on which side: in OLD, when NEW no longer says it."""
        if self.old.says(old.key, word) and not self.new.says(new.key, word):
            return self.old.word_at(old.key, word), "old"
        return self.new.word_at(new.key, word), "new"

    def says_the_same(self, key: str) -> bool:
        """Whether the text of a contract of NEW is what it was."""
        old, new = self.old.book.contracts.parsed.get(self.was(key) or ""), self.new.book.contracts.parsed.get(key)
        return bool(old and new and old.document.data == new.document.data)

    def now(self, key: str) -> str:
        """The key in NEW of a contract of OLD."""
        return self.renamed.get(key, key)

    def was(self, key: str) -> str | None:
        """The key in OLD of a contract of NEW; `None` when it is another contract that had this key."""
        before = next((old for old, new in self.renamed.items() if new == key), None)
        return before or (None if key in self.renamed else key)
