"""What every part of linking needs: all contracts, how to find one by name, and where to complain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from treaty import names
from treaty.contract.parse import Contracts
from treaty.contract.spelling import respelling, suggestion
from treaty.diagnostics import Diagnostic, Fix, Location


@dataclass(slots=True)
class Context:
    """All contracts while they are linked. `unresolved` are places whose meaning is unknown: rules skip them."""

    contracts: Contracts
    problems: list[Diagnostic] = field(default_factory=list)
    unresolved: set[Location] = field(default_factory=set)
    _versions: dict[str, list[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for key in (*self.contracts.parsed, *self.contracts.broken):
            plain, major = names.without_version(key)
            if major is not None:
                self._versions.setdefault(plain, []).append(major)

    def complain(self, at: Location, code: str, message: str, hint: str, fix: Fix | None = None) -> None:
        """Record a diagnostic and that this place has no meaning."""
        self.problems.append(Diagnostic(at, code, message, hint, fix=fix))
        self.unresolved.add(at)

    def kind_of(self, key: str) -> str | None:
        """The kind of a contract; empty or `None` when its file could not be understood that far."""
        parsed = self.contracts.parsed.get(key)
        return str(parsed.contract.kind) if parsed else self.contracts.broken.get(key)

    def find(self, name: str, namespace: str) -> str | None:
        """The full key that `name` means in `namespace`: without `@major`, the newest version."""
        for key in (f"{namespace}.{name}", name):
            if found := self._version(key):
                return found
        return None

    def _version(self, key: str) -> str | None:
        if key in self.contracts.parsed or key in self.contracts.broken:
            return key
        plain, major = names.without_version(key)
        if major is None:  # the newest is missing, which is said where the others stand
            return names.versioned(key, max(self._versions[key])) if key in self._versions else None
        newest = self.contracts.parsed.get(plain)
        is_it = newest and newest.contract.version.startswith(f"{major}.")
        return plain if is_it or plain in self.contracts.broken else None

    def reference(
        self,
        name: str,
        namespace: str,
        kinds: Collection[str],
        at: Location,
        within: tuple[str, str] | None = None,
    ) -> str | None:
        """The key of a contract of one of `kinds`, or a complaint; `within`: what stands before and after the name."""
        key = self.find(name, namespace)
        wanted = " or ".join(f"`{kind}`" for kind in kinds)
        if key is None:
            self._unknown(name, namespace, kinds, at, within)
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

    def _unknown(
        self, name: str, namespace: str, kinds: Collection[str], at: Location, within: tuple[str, str] | None
    ) -> None:
        plain, major = names.without_version(name)
        if major is not None and (newest := self.find(plain, namespace)):
            older = [f"`{plain}@{number}`" for number in sorted(self._versions.get(newest, ()))]
            self.complain(
                at,
                "reference-version",
                f"There is no version {major} of `{plain}`.",
                f"Write `{plain}` for the newest{' or one of ' + ', '.join(older) if older else ''}.",
            )
            return
        known = [key for key in self.contracts.parsed if self.kind_of(key) in kinds]
        candidates = [*(key.removeprefix(f"{namespace}.") for key in known), *known]
        meant = suggestion(name, candidates)
        wanted = " or ".join(kinds)
        hint = f"Did you mean `{meant}`?" if meant else f"Write a contract of kind {wanted} for it, or its full key."
        self.complain(
            at, "reference-unknown", f"There is no contract `{name}`.", hint, respelling(at, name, candidates, within)
        )
