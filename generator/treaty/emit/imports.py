"""The imports of one generated module: collected while its view is made, sorted as ruff sorts them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, count

from treaty import names

# All that generated code imports beside the standard library, the runtime, itself and implementations.
_THIRD_PARTY = frozenset({"litestar", "pydantic", "sqlalchemy", "sqlmodel"})
_NUMBER = re.compile(r"(\d+)")


class Imports:
    """What a module imports. Each symbol is used under the name that `name` returns.

    `taken` are the names that the module defines itself; whatever collides with them is imported under an alias.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._symbols: dict[tuple[str, str], str] = {}
        self._modules: dict[str, str] = {}

    def name(self, module: str, symbol: str, *others: str) -> str:
        """Import `symbol` from `module` and return the name to use for it: its own, or the first free one of others."""
        known = self._symbols.get((module, symbol))
        if known is None:
            candidates = chain((symbol, *others), _candidates(module, symbol))
            known = next(name for name in candidates if name not in self._taken)
            self._symbols[module, symbol] = known
            self._taken.add(known)
        return known

    def module(self, module: str) -> str:
        """Import a whole module of one name and return the name to use for it."""
        if module not in self._modules:
            candidates = chain((module, f"{module}_module"), _candidates(module, module))
            self._modules[module] = next(name for name in candidates if name not in self._taken)
            self._taken.add(self._modules[module])
        return self._modules[module]

    def has_module(self, module: str) -> bool:
        """Whether the whole module is imported."""
        return module in self._modules

    @property
    def groups(self) -> list[list[str]]:
        """Import statements in groups (standard library, third party, first party), sorted."""
        groups: tuple[list[str], list[str], list[str]] = ([], [], [])
        for module in sorted(self._modules, key=_module):
            known = self._modules[module]
            groups[self._group(module)].append(f"import {module}" if known == module else f"import {module} as {known}")
        symbols: dict[str, list[str]] = {}
        for module, symbol in self._symbols:
            symbols.setdefault(module, []).append(symbol)
        for module in sorted(symbols, key=_module):
            groups[self._group(module)].extend(self._from(module, sorted(symbols[module], key=_member)))
        return [group for group in groups if group]

    def _group(self, module: str) -> int:
        root = module.split(".", 1)[0]
        if root in _THIRD_PARTY:
            return 1
        return 0 if root in sys.stdlib_module_names else 2

    def _from(self, module: str, symbols: list[str]) -> Iterator[str]:
        """The plain names in one statement, each alias in its own; statements in the order of their first names."""
        plain = [symbol for symbol in symbols if self._symbols[module, symbol] == symbol]
        for symbol in symbols:
            if symbol not in plain:
                yield f"from {module} import {symbol} as {self._symbols[module, symbol]}"
            elif symbol == plain[0]:
                yield f"from {module} import {', '.join(plain)}"


def _candidates(module: str, symbol: str) -> Iterator[str]:
    """The symbol with more and more of where it comes from before it, at last with a number."""
    parts = module.split(".")
    for start in range(len(parts) - 1, -1, -1):
        words = [*parts[start:], symbol]
        yield "_".join(words) if symbol.islower() else "".join(names.camel(word) for word in words)
    yield from (f"{symbol}_{number}" for number in count(2))


@cache
def _module(name: str) -> tuple[object, ...]:
    return _natural(name.lower()), _natural(name)


@cache
def _member(symbol: str) -> tuple[object, ...]:
    """Constants before classes before functions."""
    kind = 0 if len(symbol) > 1 and symbol.isupper() else 1 if symbol[:1].isupper() else 2
    return kind, _natural(symbol.lower()), _natural(symbol)


def _natural(name: str) -> tuple[object, ...]:
    """Numbers inside names sort as numbers."""
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in _NUMBER.split(name) if part)
