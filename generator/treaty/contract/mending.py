"""Reading on past unknown words, so that one run also finds what else is wrong with a contract.

A misspelt word is read as the one that was meant, any other unknown word is skipped. Both stay errors.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from treaty.contract.base import Written
from treaty.contract.spelling import suggestion
from treaty.contract.words import models_at, without_tags, words
from treaty.source.document import Document, Mark, Path


def unknown_words(error: ValidationError) -> list[Path]:
    """Where the unknown words stand, tags included."""
    return [item["loc"] for item in error.errors(include_url=False) if item["type"] == "extra_forbidden"]


def mend(
    model: type[Written], document: Document, unknown: Collection[Path], skipped: Collection[Path] = ()
) -> tuple[Document, dict[Path, Path]]:
    """The document without its `unknown` words, and where those stand now that were guessed (not the `skipped`)."""
    mended = replace(document, data=copy.deepcopy(document.data))
    guessed: dict[Path, Path] = {}
    for location in unknown:
        path = without_tags(location)
        known = [word for found in models_at(model, location[:-1]) for word in words(found)]
        meant = suggestion(str(path[-1]), known) if location not in skipped else None
        mended, renamed = _without(mended, path, meant)
        if renamed:
            guessed[*path[:-1], str(meant)] = location
    return mended, guessed


def _without(document: Document, path: Path, meant: str | None) -> tuple[Document, bool]:
    holder: Any = document.data
    for part in path[:-1]:
        holder = holder[part]
    value = holder.pop(path[-1])
    if meant is None or meant in holder:
        return document, False
    holder[meant] = value
    keys, values = _renamed(document.keys, path, meant), _renamed(document.values, path, meant)
    return replace(document, keys=keys, values=values), True


def _renamed(marks: Any, path: Path, word: str) -> dict[Path, Mark]:
    depth = len(path)
    return {
        (*path[:-1], word, *place[depth:]) if place[:depth] == path else place: mark for place, mark in marks.items()
    }
