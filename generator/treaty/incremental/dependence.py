"""Which contracts may come out differently when some change, and which others have to be read for that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from treaty.incremental.facts import Facts


@dataclass(frozen=True)
class Dependence:
    """Who needs whom, in a project of these contracts."""

    contracts: Mapping[str, Facts]

    def affected(self, changed: Iterable[str]) -> set[str]:
        """Those, and all that need one of them, or one that does."""
        return _reached(changed, lambda key: self._users.get(key, ()))

    def needed(self, affected: Iterable[str], also: Iterable[str]) -> set[str]:
        """Those, `also` others, and all that they need.

        Phrases are needed only where they are checked: by the affected. Otherwise it would soon be everything.
        """
        affected = set(affected)
        spoken = {phrases for key in affected for phrases in self.phrases_for(key)}
        return _reached({*affected, *spoken, *also}, self._needs)

    def phrases_for(self, key: str) -> Iterator[str]:
        """The vocabularies that a contract may use."""
        facts = self.contracts[key]
        if facts.speaks or facts.kind == "vocabulary":
            yield from self.phrases_above(facts.namespace)

    def phrases_above(self, namespace: str) -> Iterator[str]:
        """The vocabularies of a namespace and of those above."""
        parts = namespace.split(".")
        for depth in range(1, len(parts) + 1):
            yield from self._vocabularies.get(".".join(parts[:depth]), ())

    def _needs(self, key: str) -> Iterator[str]:
        facts = self.contracts.get(key)
        if facts:
            yield from facts.needs
            if facts.kind == "vocabulary":
                yield from self.phrases_above(facts.namespace)

    @cached_property
    def _vocabularies(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, facts in self.contracts.items():
            if facts.kind == "vocabulary":
                found.setdefault(facts.namespace, []).append(key)
        return found

    @cached_property
    def _users(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for key, facts in self.contracts.items():
            for need in (*facts.needs, *self.phrases_for(key)):
                found.setdefault(need, set()).add(key)
        return found


def _reached(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(following(key))
    return found
