"""Only answers that can be kept are: those of queries sent with GET, and not for long."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from treaty.resolve.model import Operation
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

_LONGEST = 86_400  # seconds


def check(book: Book) -> Iterator[Finding]:
    """Look at the operations whose answers callers may keep."""
    for key, operation in book.model.operations.items():
        if operation.policy.cache_seconds:
            at = book.merged[key].policy["cache"].at
            for message, hint in _operation(operation, operation.policy.cache_seconds):
                yield Finding(at, message, hint)


def _operation(operation: Operation, seconds: int) -> Iterator[tuple[str, str]]:
    if operation.header.kind == "command":
        yield "A command changes something; its answer can't stand for carrying it out.", "Delete `cache`."
    elif operation.http_path and operation.method != "GET":
        yield (
            f"Answers to {operation.method} are not kept: the question is not in the address.",
            "Ask with GET, or delete `cache`.",
        )
    elif operation.status == HTTPStatus.NO_CONTENT:
        yield "204 means that there is no content, so there is nothing to keep.", "Delete `cache`, or answer with 200."
    if seconds > _LONGEST:
        yield "Nobody can take back an answer that is kept for longer than a day.", "Write `private: 1d` or less."


RULE = Rule("cache", "An answer that is kept in the wrong place or for too long misleads whoever kept it.", check)
