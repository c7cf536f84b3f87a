"""One contract as it is understood: its own words, those of the folders above it, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from treaty.contract.operation import OperationContract
from treaty.diagnostics import Location
from treaty.resolve.defaults import Said
from treaty.rules.book import Book


def explain(book: Book, key: str) -> Iterator[str]:
    """The contract as YAML, each word with the place that says it."""
    parsed, merged = book.parsed(key), book.merged[key]
    written = parsed.document.data
    for word, value in written.items():
        if word not in ("policy", "errors"):
            yield from _word(word, value, parsed.key_at(word))
    for word, at in merged.origins.items():
        if word not in written:
            yield from _word(word, getattr(merged, word), at)
    if isinstance(parsed.contract, OperationContract):
        yield from _group("policy", merged.policy)
        yield from _group("errors", merged.errors)


def _group(word: str, said: dict[str, Said]) -> Iterator[str]:
    if said:
        yield f"{word}:"
    for name, item in said.items():
        shown = name if word == "errors" else to_camel(name)
        yield from (f"  {line}" for line in _word(shown, item.value, item.at))


def _word(word: str, value: Any, at: Location) -> Iterator[str]:
    """One word; the place stands behind it, or above it when it takes several lines."""
    lines = yaml.safe_dump({word: _plain(value)}, sort_keys=False, allow_unicode=True, width=100).splitlines()
    if len(lines) == 1:
        yield f"{lines[0]}  # {at}"
    else:
        yield f"# {at}"
        yield from lines


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_none=True)
    if isinstance(value, tuple):
        return list(value)
    return value.value if isinstance(value, Enum) else value
