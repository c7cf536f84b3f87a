"""An operation or a job names each of its events once."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diagnostics import Edit, Fix, Location
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look for events that are named twice."""
    for contract in book.model.implemented.values():
        document = book.parsed(contract.header.key).document
        seen: set[str] = set()
        for emit in contract.emits:
            if emit.event in seen:
                flow = ("emits",) in document.flow_lists
                names = (name for name in document.data["emits"] if _is(name, emit.event))
                fix = next((_removal(emit.at, name, flow=flow) for name in names), None)
                yield Finding(emit.at, f"`{emit.event}` is named twice.", "Delete one of the two.", fix)
            seen.add(emit.event)


def _is(written: object, key: str) -> bool:
    """Whether a name, as its author wrote it, is that of an event: in full, or as its namespace says it."""
    return isinstance(written, str) and (written == key or key.endswith(f".{written}"))


def _removal(at: Location, name: str, *, flow: bool) -> Fix:
    """The mend that deletes an item: its line, or in brackets with the comma before it."""
    if flow:
        edit = Edit(Location(at.path, at.line, at.column - 2), f", {name}", "")
    else:
        edit = Edit(Location(at.path, at.line), f"{' ' * (at.column - 3)}- {name}\n", "")
    return Fix(f"delete the second `{name}`", (edit,))


RULE = Rule("emits-once", "A list that says something twice may mean something else.", check, advice=True)
