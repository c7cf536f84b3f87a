"""Scenarios and examples of a contract have keys of their own."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the keys of scenarios and examples: both become scenarios of one feature file."""
    for key, contract in book.model.played.items():
        owner = book.parsed(key)
        keys = {
            "scenarios": [scenario.key for scenario in contract.scenarios],
            "examples": [example.key for example in contract.examples],
        }
        taken: set[str] = set()
        for word, found in keys.items():
            for position, name in enumerate(found):
                if name in taken:
                    at = owner.at("acceptance", word, position, "key")
                    yield Finding(at, f"The key `{name}` is used twice in this contract.", "Rename one of the two.")
                taken.add(name)


RULE = Rule("acceptance-keys", "Results are recorded by key.", check)
