"""An example ends in an output or in an error that the caller can get."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.contract.spelling import respelling, suggestion
from treaty.pipeline import PIPELINE_ERRORS
from treaty.resolve.model import Operation
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at the end of every example."""
    for operation in book.model.operations.values():
        yield from _operation(book, operation)


def _operation(book: Book, operation: Operation) -> Iterator[Finding]:
    owner = book.parsed(operation.header.key)
    declared = {error.code for error in operation.errors}
    for position, example in enumerate(operation.examples):
        at = owner.at("acceptance", "examples", position, "error")
        if example.error is not None and example.output is not None:
            yield Finding(at, f"Example `{example.key}` has an output and an error.", "Keep one of the two.")
        elif example.error is None and example.output is None:
            yield Finding(example.at, f"Example `{example.key}` has no end.", "Add `output:` or `error:`.")
        elif example.error is not None and example.error not in declared and example.error not in PIPELINE_ERRORS:
            meant = suggestion(example.error, [*declared, *PIPELINE_ERRORS])
            hint = f"Did you mean `{meant}`?" if meant else "Declare it under `errors`."
            fix = respelling(at, example.error, [*declared, *PIPELINE_ERRORS])
            yield Finding(at, f"Example `{example.key}` ends in `{example.error}`, which nothing declares.", hint, fix)


RULE = Rule("example-ending", "An example shows what a caller gets.", check)
