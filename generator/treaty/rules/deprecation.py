"""What is deprecated says since when; `deprecated` and `sunset` are days, in this order, of what is deprecated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from treaty.contract.base import Stability
from treaty.contract.parse import Parsed
from treaty.resolve.model import Event, Operation
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

_WORDS = ("deprecated", "sunset")


def check(book: Book) -> Iterator[Finding]:
    """Look at the dates of operations and events, and at their stability."""
    contracts: tuple[Operation | Event, ...] = (*book.model.operations.values(), *book.model.events.values())
    for contract in contracts:
        owner = book.parsed(contract.header.key)
        yield from _not_dates(owner)
        if contract.header.stability is Stability.DEPRECATED:
            yield from _order(contract, owner)
        else:
            yield from _not_deprecated(owner, contract.header.stability)


def _not_dates(owner: Parsed[Any]) -> Iterator[Finding]:
    for word in _WORDS:
        if (text := getattr(owner.contract, word)) and not _is_date(text):
            yield Finding(owner.at(word), f"There is no such day as {text}.", "Write year, month and day.")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _not_deprecated(owner: Parsed[Any], stability: Stability) -> Iterator[Finding]:
    for word in _WORDS:
        if getattr(owner.contract, word) is not None:
            yield Finding(
                owner.key_at(word),
                f"`{word}` belongs to what is deprecated; this is `{stability.value}`.",
                f"Write `stability: deprecated`, or delete `{word}`.",
            )
            return


def _order(contract: Operation | Event, owner: Parsed[Any]) -> Iterator[Finding]:
    header = contract.header
    said = [word for word in _WORDS if getattr(owner.contract, word) is not None]
    if "deprecated" not in said and ("sunset" in said or isinstance(contract, Operation)):
        yield Finding(
            owner.key_at("sunset" if said else "stability"),
            "This is deprecated, and does not say since when.",
            "Add `deprecated:` and the day; callers are told in the header `Deprecation`."
            if isinstance(contract, Operation)
            else "Add `deprecated:` and the day.",
        )
    if header.deprecated and header.sunset and header.sunset < header.deprecated:
        yield Finding(
            owner.at("sunset"),
            f"The end, {header.sunset}, is before {header.deprecated}, since when this is deprecated.",
            "Leave those who use it time to change over.",
        )


RULE = Rule("deprecation", "Whoever relies on something that ends must be told when, in time.", check)
