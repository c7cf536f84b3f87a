"""The whole way: all spans of all files, looked up from either side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from treaty.diagnostics import Location
from treaty.emit.origins import Origin, origins
from treaty.resolve.model import Header
from treaty.rules.book import Book
from treaty.source.document import Document, Path
from treaty.trace.alerts import alert_spans
from treaty.trace.anchors import Anchors, Span
from treaty.trace.documents import Documents
from treaty.trace.features import feature_spans
from treaty.trace.modules import module_spans
from treaty.trace.together import named_spans


@dataclass(frozen=True)
class Trace:
    """Generated files and the contracts that they come from."""

    book: Book
    files: Mapping[str, bytes]

    @cached_property
    def origins(self) -> dict[str, Origin]:
        """The contracts of each file that comes from certain ones."""
        return origins(self.book.model)

    def origin(self, path: str, line: int) -> list[Span]:
        """What the line comes from: the spans that say it most closely. None where no contract alone is known."""
        around = [span for span in self.spans(path) if span.first <= line <= span.last]
        if not around:
            return [Span(line, line, header.key, None) for header in self._headers(path)]
        size = min(span.last - span.first for span in around)
        closest = [span for span in around if span.last - span.first == size]
        exact = [span for span in closest if span.at]
        return list({(span.key, span.at): span for span in exact or closest}.values())

    def results(self, document: Document, line: int | None) -> Iterator[tuple[str, Span]]:
        """The generated lines that a contract, or one of its lines, leads to."""
        if line is None:
            yield from (found for found in self._all if self._path(found[1]) == document.path)
            return
        numbers = {number for place in self._places(document, line) for number in self._numbers.get(place, ())}
        yield from (self._all[number] for number in sorted(numbers))

    def whole(self, key: str) -> list[str]:
        """The files that come from this contract alone, or from it and those that stand in a circle with it."""
        return [path for path in self.files if key in {header.key for header in self._headers(path)}]

    def spans(self, path: str) -> list[Span]:
        """What is known of a file's lines."""
        if path not in self._known:
            self._known[path] = list(self._spans(path))
        return self._known[path]

    def lines(self, path: str) -> list[str]:
        """A file's text."""
        if path not in self._lines:
            self._lines[path] = self.files[path].decode().splitlines()
        return self._lines[path]

    @cached_property
    def _lines(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def _all(self) -> list[tuple[str, Span]]:
        return [(path, span) for path in self.files for span in self.spans(path)]

    @cached_property
    def _numbers(self) -> dict[Location, list[int]]:
        """Which of all spans come from a place."""
        numbers: dict[Location, list[int]] = {}
        for number, (_, span) in enumerate(self._all):
            if span.at:
                numbers.setdefault(span.at, []).append(number)
        return numbers

    @cached_property
    def _known(self) -> dict[str, list[Span]]:
        return {}

    @cached_property
    def _anchors(self) -> Anchors:
        return Anchors(self.book)

    @cached_property
    def _documents(self) -> Documents:
        return Documents(self._anchors)

    @cached_property
    def _modules(self) -> dict[str, str]:
        """The contract of each generated module."""
        return {
            path.removesuffix(".py").replace("/", "."): origin.headers[0].key
            for path, origin in self.origins.items()
            if path.endswith(".py")
        }

    def _headers(self, path: str) -> tuple[Header, ...]:
        return self.origins[path].headers if path in self.origins else ()

    def _spans(self, path: str) -> Iterator[Span]:
        keys = tuple(header.key for header in self._headers(path))
        text = self.files[path].decode()
        if path.endswith(".json"):
            yield from self._documents.spans(path, text, keys[0] if keys else None)
        elif path == "alerts.yaml":
            yield from alert_spans(text, self._anchors)
        elif path.endswith(".feature"):
            yield from feature_spans(text, self.book.model.played[keys[0]], self._anchors)
        elif path.endswith(".py") and keys:
            yield from module_spans(text, keys, self._anchors)
        elif path.endswith(".py"):
            yield from named_spans(text, self.book.project.output.name, self._modules)

    def _path(self, span: Span) -> str:
        return span.at.path if span.at else self.book.parsed(span.key).document.path

    def _places(self, document: Document, line: int) -> set[Location]:
        """The places of what stands in a line; of what it belongs to, when nothing comes of itself."""
        paths = _at_line(document, line)
        while paths:
            below = {
                place
                for path in {*document.keys, *document.values}
                if any(path[: len(top)] == top for top in paths)
                for place in (document.key_at(*path), document.value_at(*path))
            }
            if not below.isdisjoint(self._numbers):
                return below
            paths = {path[:-1] for path in paths if len(path) > 1}
        return set()


def _at_line(document: Document, line: int) -> set[Path]:
    """The outermost things that begin in a line; the last one before it, when none does."""
    marks = {path: mark[0] for path, mark in {**document.values, **document.keys}.items() if path}
    here = {path for path, number in marks.items() if number == line}
    if not here:
        before = [(number, path) for path, number in marks.items() if number < line]
        nearest = max((number for number, _ in before), default=0)
        return {max((path for number, path in before if number == nearest), key=len)} if before else set()
    return {path for path in here if not any(path[:size] in here for size in range(1, len(path)))}
