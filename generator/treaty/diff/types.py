"""Shared types by themselves: their texts. What else they say is compared where they are used, for those who do."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diff.base import Found
from treaty.diff.catalogue import contracts
from treaty.diff.fields import FieldComparison
from treaty.diff.side import Sides
from treaty.diff.views import OUTPUT
from treaty.resolve.model import Type


def compare_types(old: Type, new: Type, sides: Sides) -> Iterator[Found]:
    """What became of the words of a shared type that no reader depends on."""
    before = {value.value: value.description for value in old.values}
    for value in new.values:
        if before.get(value.value, value.description) != value.description:
            at = sides.new.word_at(new.header.key, "values", value.value)
            yield Found(contracts.TEXT_CHANGED, at, f"`{value.value}` is described in other words.")
    if old.header.key not in sides.old.used_types:
        yield from _unused(old, new, sides)


def _unused(old: Type, new: Type, sides: Sides) -> Iterator[Found]:
    """What nobody reads is compared as if it were read, and said in one sentence."""
    found = list(FieldComparison(sides, OUTPUT).fields(old.fields, new.fields))
    yield from (item for item in found if item.kind.quiet)
    changed = {value.value for value in old.values} != {value.value for value in new.values}
    if changed or any(not item.kind.quiet for item in found):
        at = sides.new.word_at(new.header.key, "values" if new.values else "fields")
        yield Found(contracts.UNUSED_TYPE_CHANGED, at, "This has other fields or values than before.")
