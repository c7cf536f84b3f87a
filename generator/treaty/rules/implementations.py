"""Every operation has a function of its own, in a module that no folder is in the way of."""

from __future__ import annotations

from collections.abc import Iterator

from treaty import names
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the functions that implement operations, and their modules with packages."""
    packages = {
        package for operation in book.model.operations.values() for package in _above(operation.implementation[0])
    }
    taken: dict[tuple[str, str], str] = {}
    for key, operation in book.model.operations.items():
        owner = book.parsed(key)
        at = owner.at("handler") if owner.contract.handler else owner.at("key")
        module, function = operation.implementation
        first = taken.setdefault(operation.implementation, key)
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
                "Rename the operation or the folder, or give it a `handler` elsewhere.",
            )
        elif module.split(".", 1)[0] in names.RESERVED_ROOTS:
            yield Finding(at, f"`{module}` belongs to Python or to Treaty.", "Name a module of your own package.")


def _above(module: str) -> Iterator[str]:
    """The packages that a module stands in."""
    parts = module.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts)))


RULE = Rule("implementations", "Two operations must not share an implementation.", check)
