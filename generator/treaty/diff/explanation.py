"""What a class of change means, for who meets it."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.diff.base import ChangeClass
from treaty.diff.catalogue import classes
from treaty.diff.text import TITLES
from treaty.diff.wording import quoted


def change_class(code: str) -> ChangeClass | None:
    """The class with this id or name."""
    return next((item for item in classes().values() if code in (item.id, item.name)), None)


def class_words() -> list[str]:
    """All ids and names."""
    return [word for item in classes().values() for word in (item.id, item.name)]


def class_explanation(item: ChangeClass) -> Iterator[str]:
    """One class: whom it concerns, how bad it is and why, and which keywords it watches."""
    yield f"{item.id} {item.name}: {item.severity.value}"
    yield ""
    yield f"For: {TITLES[item.reader] if item.reader else 'whoever reads contracts of that kind'}."
    yield f"Why: {item.reason}"
    words = dict.fromkeys(word.partition(".")[2] for word in item.words)
    yield f"Keywords: {quoted(words, most=len(words))}."
    yield "How bad it is depends on stability and version, too: docs/change.md."
