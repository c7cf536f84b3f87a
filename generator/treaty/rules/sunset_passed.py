"""What has ended is gone: no operation and no event outlives its `sunset`."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diagnostics import Severity
from treaty.resolve.model import Event, Operation
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the `sunset` of operations and events with the day of the run; without one, nothing is said."""
    contracts: tuple[Operation | Event, ...] = (*book.model.operations.values(), *book.model.events.values())
    for contract in contracts:
        sunset = contract.header.sunset
        if book.today is not None and sunset is not None and sunset <= book.today:
            yield Finding(
                book.parsed(contract.header.key).at("sunset"),
                f"The end of `{contract.header.key}`, {sunset}, has come, and it is still served."
                if isinstance(contract, Operation)
                else f"The end of `{contract.header.key}`, {sunset}, has come, and it is still told.",
                "Delete the contract, or say a later day.",
            )


RULE = Rule(
    "sunset-passed",
    "An end that is announced and does not come teaches callers to wait.",
    check,
    advice=True,
    severity=Severity.WARNING,
    dated=True,
)
