"""Shared types by themselves: their texts. What else they say is compared where they are used, for those who do."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diff.base import Found
from treaty.diff.catalogue import contracts
from treaty.diff.side import Sides
from treaty.resolve.model import Type


def compare_types(old: Type, new: Type, sides: Sides) -> Iterator[Found]:
    """What became of the words of a shared type that no reader depends on."""
    before = {value.value: value.description for value in old.values}
    for value in new.values:
        if before.get(value.value, value.description) != value.description:
            at = sides.new.word_at(new.header.key, "values", value.value)
            yield Found(contracts.TEXT_CHANGED, at, f"`{value.value}` is described in other words.")
