"""Values of acts and expectations: what stands in braces is filled in when the phrase is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treaty.resolve.references import REFERENCE
from treaty.source.document import Path

__all__ = ["REFERENCE", "is_open", "texts"]


def is_open(value: Any) -> bool:
    """Whether a value is known only when the phrase is said."""
    return isinstance(value, str) and REFERENCE.search(value) is not None


def texts(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in some data, with its path."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from texts(value, (*path, key))
    elif isinstance(data, list | tuple):
        for position, value in enumerate(data):
            yield from texts(value, (*path, position))
