"""The classes of one generated module must differ."""

from __future__ import annotations

from collections.abc import Iterator

from treaty import names
from treaty.diagnostics import Location
from treaty.resolve.model import Job
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the classes of operations, jobs, errors, keys and inline objects, contract by contract."""
    taken: dict[str, dict[str, str]] = {}
    for contract in book.model.implemented.values():
        own = taken.setdefault(contract.header.key, {})
        what = "the job" if isinstance(contract, Job) else "the operation"
        for name in (contract.class_name, f"{contract.class_name}Input", f"{contract.class_name}Output"):
            own[name] = what
        for error in () if isinstance(contract, Job) else contract.errors:
            yield from _take(own, error.class_name, f"the error `{error.code}`", error.at)
    for entity in book.model.entities.values():
        keys = (fields for fields in entity.unique if entity.is_key(fields))
        names_of_keys = (names.key_class(entity.class_name, *(field.name for field in fields)) for fields in keys)
        taken[entity.header.key] = dict.fromkeys(names_of_keys, "a combination that is `unique`")
    for shape in book.shapes:
        own = taken.setdefault(shape.owner.key, {})
        if shape.top:
            own.setdefault(shape.class_name, "the contract")
        else:
            name = str(shape.path[-2])
            yield from _take(own, shape.class_name, f"the object `{name}`", shape.owner.key_at(*shape.path[:-1]))


def _take(taken: dict[str, str], name: str, what: str, at: Location) -> Iterator[Finding]:
    first = taken.setdefault(name, what)
    if first != what:
        yield Finding(
            at, f"{first[0].upper()}{first[1:]} and {what} both become the class `{name}`.", "Rename one of the two."
        )


RULE = Rule("class-names", "Two classes of one module must not have one name.", check)
