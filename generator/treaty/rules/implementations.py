"""Every operation and every job has a function of its own, in a module that no folder is in the way of."""

from __future__ import annotations

from collections.abc import Iterator

from treaty import names
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the functions that implement operations and jobs, and their modules with packages."""
    packages = {
        package for contract in book.model.implemented.values() for package in _above(contract.implementation[0])
    }
    taken: dict[tuple[str, str], str] = {}
    for key, contract in book.model.implemented.items():
        owner = book.parsed(key)
        at = owner.at("handler") if owner.contract.handler else owner.at("key")
        module, function = contract.implementation
        first = taken.setdefault(contract.implementation, key)
        if first != key:
            yield Finding(
                at,
                f"`{first}` and `{key}` are both implemented by `{module}:{function}`.",
                "Rename one of the two, or give one a `handler`.",
            )
        elif module in packages:
            yield Finding(
                at,
                f"`{module}` would have to be a module and a package.",
                "Rename the contract or the folder, or give it a `handler` elsewhere.",
            )
        elif module.split(".", 1)[0] in names.RESERVED_ROOTS:
            yield Finding(at, f"`{module}` belongs to Python or to Treaty.", "Name a module of your own package.")


def _above(module: str) -> Iterator[str]:
    """The packages that a module stands in."""
    parts = module.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts)))


RULE = Rule("implementations", "Two contracts must not share an implementation.", check)
