"""Every contract has a generated module of its own, and no folder is in its way."""

from __future__ import annotations

from collections.abc import Iterator

from treaty import names
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare modules with each other, with packages, and roots with what stands beside them."""
    packages = {
        ".".join(parts[:depth])
        for header in book.model.headers()
        if (parts := names.folder(header.namespace).split("."))
        for depth in range(1, len(parts) + 1)
    }
    taken: dict[str, str] = {}
    for header in sorted(book.model.headers(), key=lambda header: header.key):
        module = names.module(header.namespace, header.name)
        first = taken.setdefault(module, header.key)
        at = book.parsed(header.key).at("key")
        if first != header.key:
            yield Finding(
                at, f"`{first}` and `{header.key}` both become the module `{module}`.", "Rename one of the two files."
            )
        elif module in packages:
            yield Finding(
                at,
                f"The module `{module}` and the folder of that name stand in each other's way.",
                "Rename the file or the folder.",
            )
    yield from _reserved(book)


def _reserved(book: Book) -> Iterator[Finding]:
    reserved = names.RESERVED_ROOTS | {book.project.output.name}
    seen: set[str] = set()
    for header in sorted(book.model.headers(), key=lambda header: header.key):
        root = header.namespace.split(".")[0]
        if names.folder(root) in reserved and root not in seen:
            seen.add(root)
            yield Finding(
                book.parsed(header.key).at("key"),
                f"The folder `{root}` can't become a package: Python or the generated code has one of that name.",
                "Rename the folder that stands directly in the contracts folder.",
            )


RULE = Rule("module-names", "One contract, one module; implementations live in packages of their own.", check)
