"""Declared errors leave the pipeline's own codes and statuses alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treaty.contract.operation import ErrorSpec
from treaty.contract.parse import Parsed
from treaty.pipeline import PIPELINE_ERRORS, PIPELINE_STATUSES
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at the errors of operations and of `_defaults.yaml`."""
    for parsed in (*book.contracts.parsed.values(), *book.contracts.defaults.values()):
        yield from _errors(parsed)


def _errors(parsed: Parsed[Any]) -> Iterator[Finding]:
    for code, spec in getattr(parsed.contract, "errors", {}).items():
        if code in PIPELINE_ERRORS:
            yield Finding(
                parsed.key_at("errors", code),
                f"`{code}` is one of the pipeline's own codes.",
                "Delete it: it needs no declaration. Another meaning needs another code.",
            )
        elif isinstance(spec, ErrorSpec) and spec.status in PIPELINE_STATUSES:
            why = (
                "means that the schema was violated and nothing else"
                if spec.status == 422
                else "belongs to the pipeline"
            )
            yield Finding(
                parsed.at("errors", code, "status"),
                f"The status {spec.status} {why}.",
                "Use 409, 403 for entitlement, 404 for missing, or another status of the caller's doing.",
            )


RULE = Rule("error-codes", "A code and a status mean one thing to a caller.", check)
