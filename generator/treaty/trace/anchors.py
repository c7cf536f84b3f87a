"""Where the contracts say what generated files show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from treaty.contract.parse import Parsed
from treaty.diagnostics import Location
from treaty.resolve.model import Operation
from treaty.resolve.pages import NEXT
from treaty.rules.book import Book, PhrasePlace, Shape
from treaty.source.document import Path


@dataclass(frozen=True, slots=True)
class Span:
    """Some lines of a generated file and the place that says them; `at` is `None` where only the contract is known."""

    first: int
    last: int
    key: str
    at: Location | None


@dataclass(frozen=True)
class Anchors:
    """The places of all contracts' words, fields, errors, scenarios and phrases."""

    book: Book

    def written(self, key: str) -> Parsed[Any]:
        """What the author of a contract wrote."""
        return self.book.parsed(key)

    def word(self, key: str, *path: str | int) -> Location | None:
        """Where a contract says a word itself; `None` when it does not."""
        written = self.written(key)
        return written.key_at(*path) if path in written.document.keys else None

    def standing(self, key: str, word: str) -> Location | None:
        """Where stability, owners or tags are said: by the contract or by a folder above it."""
        return self.book.merged[key].origins.get(word)

    def policy(self, key: str, word: str) -> Location | None:
        """Where a word of the policy is said: by the contract or by a folder above it."""
        said = self.book.merged[key].policy.get(word)
        return said.at if said else None

    def error(self, operation: Operation, code: str) -> Location | None:
        """Where an error is declared."""
        return next((error.at for error in operation.errors if error.code == code), None)

    def fields(self, shape: Shape) -> Iterator[tuple[str, Location]]:
        """The attributes of a class."""
        for field in shape.fields:
            yield field.python_name, shape.owner.key_at(*shape.path, field.name)

    def below(self, key: str, path: Path, names: list[str]) -> Location | None:
        """Where a field inside fields is said: `names` lead to it from the mapping at `path`."""
        written = self.written(key)
        operation = self.book.model.operations.get(key)
        if path == ("output",) and operation and operation.page:
            if names[0] == operation.page.of and len(names) > 1:
                path, names = ("output", "item"), names[1:]
            else:
                path = ("output", "page") if names[0] in (operation.page.of, NEXT) else ("output", "with")
                names = [] if path[-1] == "page" else names
        for number, name in enumerate(names):
            path = (*path, name) if number == 0 else (*path, "fields", name)
        return written.key_at(*path) if path in written.document.keys else None

    @cached_property
    def shapes(self) -> dict[tuple[str, str], Shape]:
        """All classes with fields, by contract and name."""
        return {(shape.owner.key, shape.class_name): shape for shape in self.book.shapes}

    @cached_property
    def phrases(self) -> dict[tuple[str, str], PhrasePlace]:
        """All phrases, by vocabulary and function."""
        return {(place.vocabulary.header.key, place.phrase.function_name): place for place in self.book.phrases}
