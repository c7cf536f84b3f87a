"""What every part of linking needs: all contracts, how to find one by name, and where to complain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from treaty.contract.parse import Contracts
from treaty.contract.problems import suggestion
from treaty.diagnostics import Diagnostic, Location


@dataclass(slots=True)
class Context:
    """All contracts while they are linked. `unresolved` are places whose meaning is unknown: rules skip them."""

    contracts: Contracts
    problems: list[Diagnostic] = field(default_factory=list)
    unresolved: set[Location] = field(default_factory=set)

    def complain(self, at: Location, code: str, message: str, hint: str) -> None:
        """Record a diagnostic and that this place has no meaning."""
        self.problems.append(Diagnostic(at, code, message, hint))
        self.unresolved.add(at)

    def kind_of(self, key: str) -> str | None:
        """The kind of a contract; empty or `None` when its file could not be understood that far."""
        parsed = self.contracts.parsed.get(key)
        return str(parsed.contract.kind) if parsed else self.contracts.broken.get(key)

    def find(self, name: str, namespace: str) -> str | None:
        """The full key that `name` means in `namespace`."""
        for key in (f"{namespace}.{name}", name):
            if key in self.contracts.parsed or key in self.contracts.broken:
                return key
        return None

    def reference(self, name: str, namespace: str, kinds: Collection[str], at: Location) -> str | None:
        """The key of a contract of one of `kinds`, or a complaint."""
        key = self.find(name, namespace)
        wanted = " or ".join(f"`{kind}`" for kind in kinds)
        if key is None:
            self._unknown(name, namespace, kinds, at)
            return None
        kind = self.kind_of(key)
        if kind and kind not in kinds:
            article = "an" if kind[0] in "aeiou" else "a"
            self.complain(
                at,
                "reference-kind",
                f"`{name}` is {article} {kind}; here stands a contract of kind {wanted}.",
                "Name another contract, or change what this one is used for.",
            )
            return None
        return key

    def _unknown(self, name: str, namespace: str, kinds: Collection[str], at: Location) -> None:
        known = [key for key in self.contracts.parsed if self.kind_of(key) in kinds]
        meant = suggestion(name, [*(key.removeprefix(f"{namespace}.") for key in known), *known])
        wanted = " or ".join(kinds)
        hint = f"Did you mean `{meant}`?" if meant else f"Write a contract of kind {wanted} for it, or its full key."
        self.complain(at, "reference-unknown", f"There is no contract `{name}`.", hint)
