"""Examples keep to the schema of their operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from treaty.contract.parse import Parsed
from treaty.json_schema import output_fields
from treaty.resolve.model import Example, Operation, TypeRef
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book
from treaty.rules.fit import Fit, Misfit
from treaty.source.document import Path


def check(book: Book) -> Iterator[Finding]:
    """Validate the input and the output of every example against what OpenAPI shows."""
    for key, operation in book.model.operations.items():
        owner = book.parsed(key)
        request = Fit(book.model, operation.input)
        answer = Fit(book.model, output_fields(book.model, operation.output))
        for position, example in enumerate(operation.examples):
            path: Path = ("acceptance", "examples", position)
            yield from _part(owner, example, (*path, "input"), request.misfits(example.input))
            if example.output is not None and not _is_unknown(book, operation):
                yield from _part(owner, example, (*path, "output"), answer.misfits(example.output))


def _is_unknown(book: Book, operation: Operation) -> bool:
    """Whether the output is a type that could not be found or understood."""
    if isinstance(operation.output, TypeRef):
        return operation.output.key not in book.model.types
    return book.parsed(operation.header.key).at("output") in book.unresolved


def _part(owner: Parsed[Any], example: Example, path: Path, misfits: Iterable[Misfit]) -> Iterator[Finding]:
    for misfit in misfits:
        at, fix = misfit.place(owner, path)
        where = ".".join(str(item) for item in (path[-1], *misfit.path))
        yield Finding(at, f"Example `{example.key}`, `{where}`: {misfit.message}", misfit.hint, fix)


RULE = Rule("example-schema", "An example is a promise: the service must be able to keep it.", check, advice=True)
