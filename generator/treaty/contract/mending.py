"""Reading on past unknown words, so that one run also finds what else is wrong with a contract.

A misspelt word is read as the one that was meant, any other unknown word is skipped. Both stay errors.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from treaty.contract.base import Written
from treaty.contract.problems import suggestion
from treaty.contract.words import models_at, without_tags, words
from treaty.source.document import Document, Mark, Path


def mend(model: type[Written], document: Document, error: ValidationError) -> Document | None:
    """The document without its unknown words, or `None` when there is none."""
    unknown = [item["loc"] for item in error.errors(include_url=False) if item["type"] == "extra_forbidden"]
    if not unknown:
        return None
    mended = replace(document, data=copy.deepcopy(document.data))
    for location in unknown:
        known = [word for found in models_at(model, location[:-1]) for word in words(found)]
        mended = _without(mended, without_tags(location), known)
    return mended


def _without(document: Document, path: Path, known: list[str]) -> Document:
    holder: Any = document.data
    for part in path[:-1]:
        holder = holder[part]
    word = str(path[-1])
    value = holder.pop(word)
    meant = suggestion(word, known)
    if meant is None or meant in holder:
        return document
    holder[meant] = value
    return replace(
        document,
        keys=_renamed(document.keys, path, meant),
        values=_renamed(document.values, path, meant),
    )


def _renamed(marks: Any, path: Path, word: str) -> dict[Path, Mark]:
    depth = len(path)
    return {
        (*path[:-1], word, *place[depth:]) if place[:depth] == path else place: mark for place, mark in marks.items()
    }
