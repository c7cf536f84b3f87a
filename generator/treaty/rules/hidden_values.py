"""What a parameter in a path may be can be asked for: no other path is spelled like that."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from treaty.resolve.model import Model, Operation
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book
from treaty.rules.fit import value_misfits

Segments = tuple[str, ...]
ANY = ""


def check(book: Book) -> Iterator[Finding]:
    """Compare paths of the same length: where one has a parameter and the other a word, the word wins."""
    methods: dict[Segments, dict[str, Operation]] = defaultdict(dict)
    for operation in book.model.operations.values():
        methods[_segments(operation.http_path)][operation.method] = operation
    alike: dict[tuple[int, str], list[Segments]] = defaultdict(list)
    for path in methods:
        for beginning in {path[0], ANY}:
            alike[len(path), beginning].append(path)
    for path, operations in methods.items():
        if not any(map(_is_parameter, path)):
            continue
        for other in alike[len(path), ANY if _is_parameter(path[0]) else path[0]]:
            hidden = _hidden(path, other)
            for method, operation in operations.items() if hidden else ():
                if method not in methods[other] and _may_be(operation, hidden, book.model):
                    yield _finding(operation, hidden, next(iter(methods[other].values())), book)


def _segments(path: str) -> Segments:
    return tuple(path.strip("/").split("/"))


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")


def _hidden(path: Segments, other: Segments) -> dict[str, str]:
    """The parameters of `path` and their values that `other` takes away; none when it takes none away."""
    found: dict[str, str] = {}
    for mine, theirs in zip(path, other, strict=True):
        if _is_parameter(mine) and not _is_parameter(theirs):
            found[mine[1:-1]] = theirs
        elif mine != theirs and not _is_parameter(mine) and not (found and _is_parameter(theirs)):
            return {}
    return found


def _may_be(operation: Operation, values: dict[str, str], model: Model) -> bool:
    """Whether the parameters may have these values at all: a `uuid` is never a word."""
    fields = {field.name: field for field in operation.input}
    return all(
        name in fields and any(not value_misfits(model, fields[name], value) for value in _read(text))
        for name, text in values.items()
    )


def _read(text: str) -> Iterator[Any]:
    yield text
    with suppress(ValueError):
        yield json.loads(text)


def _finding(operation: Operation, hidden: dict[str, str], other: Operation, book: Book) -> Finding:
    names = " and ".join(f"`{name}` can't be `{value}`" for name, value in hidden.items())
    return Finding(
        book.parsed(operation.header.key).at("http"),
        f"{names}: `{other.http_path}` is a path of its own (`{other.header.key}`), which answers "
        f"{operation.method} with 405.",
        "Choose another path for one of them, or a `pattern` that leaves the word out.",
    )


RULE = Rule("hidden-values", "A value that a contract allows is one that a caller can ask for.", check, advice=True)
