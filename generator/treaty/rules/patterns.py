"""A pattern means the same to the service, to the database and to clients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

import jsonschema_rs
from pydantic import StringConstraints, TypeAdapter
from pydantic_core import SchemaError

from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book

# Rust's, PostgreSQL's and JavaScript's regular expressions differ beyond this.
_NOT_SHARED = re.compile(r"\\[pPkAzZbB]|\(\?(?!:)|\[\[:|\\x\{|&&|--|~~")


def check(book: Book) -> Iterator[Finding]:
    """Compile the pattern of every field."""
    for place in book.places:
        pattern = place.field.constraints.pattern
        if pattern is None:
            continue
        if problem := _problem(pattern):
            yield Finding(
                place.owner.at(*place.path, "pattern"),
                f"The pattern {problem}.",
                "Use letters, classes, groups `(…)`, `|`, `?`, `*`, `+`, `{n,m}`, `^` and `$`.",
            )


def _problem(pattern: str) -> str | None:
    if special := _NOT_SHARED.search(pattern.replace(r"\\", "")):
        return f"uses `{special[0]}`, which not every part of the service understands"
    try:
        TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (SchemaError, ValueError):
        return "is not a regular expression"
    return None


RULE = Rule("patterns", "A pattern is checked by the service, by the database and by clients.", check)
