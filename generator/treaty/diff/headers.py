"""What every contract says of itself, compared; and whether its version says what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from treaty.contract.base import Stability
from treaty.diff.base import ChangeClass, Found, Severity
from treaty.diff.catalogue import contracts as classes
from treaty.diff.side import Sides
from treaty.diff.wording import was
from treaty.resolve.model import Header

_TRUST = (Stability.IDEA, Stability.EXPERIMENTAL, Stability.BETA, Stability.STABLE)
Version = tuple[int, int, int]


def version_of(header: Header) -> Version:
    """The version of a contract as numbers."""
    major, minor, patch = map(int, header.version.split("."))
    return major, minor, patch


def is_major(old: Header, new: Header) -> bool:
    """Whether the version says that readers have to look again; before 1.0.0 the second number says so."""
    before, after = version_of(old), version_of(new)
    return after[0] > before[0] or (after[0] == before[0] == 0 and after[1] > before[1])


def compare_headers(old: Header, new: Header, sides: Sides) -> Iterator[Found]:
    """What became of the words that every kind has."""
    key = new.key
    if old.description != new.description:
        at = sides.new.word_at(key, "description")
        yield Found(classes.TEXT_CHANGED, at, "The description is said in other words.")
    for word, kind in (("owners", classes.OWNERS_CHANGED), ("tags", classes.TAGS_CHANGED)):
        before, after = getattr(old, word), getattr(new, word)
        if before != after:
            at = sides.new.book.merged[key].origins.get(word, new.at)
            yield Found(kind, at, f"`{word}` {was(', '.join(before) or None, ', '.join(after) or None)}.")
    yield from _stability(old, new, sides)
    yield from _end(old, new, sides)
    yield from _version(old, new, sides)


def _stability(old: Header, new: Header, sides: Sides) -> Iterator[Found]:
    if old.stability == new.stability:
        return
    at = sides.new.book.merged[new.key].origins.get("stability", new.at)
    message = f"`stability` {was(old.stability.value, new.stability.value)}."
    if new.stability is Stability.DEPRECATED:
        yield Found(classes.DEPRECATED, at, message)
    else:
        lowered = _trust(new.stability) < _trust(old.stability)
        yield Found(classes.STABILITY_LOWERED if lowered else classes.STABILITY_RAISED, at, message)


def _trust(stability: Stability) -> int:
    """How much readers may rely on a contract; on a deprecated one as on a stable one, while it lasts."""
    return _TRUST.index(Stability.STABLE if stability is Stability.DEPRECATED else stability)


def _end(old: Header, new: Header, sides: Sides) -> Iterator[Found]:
    """The days since when, and until when, a contract is deprecated."""
    if old.deprecated and new.deprecated and old.deprecated != new.deprecated:
        at = sides.new.word_at(new.key, "deprecated")
        yield Found(
            classes.DEPRECATION_DAY_CHANGED, at, f"`deprecated` {was(str(old.deprecated), str(new.deprecated))}."
        )
    if old.sunset != new.sunset:
        at, side = sides.word(old, new, "sunset")
        said = [str(day) if day else None for day in (old.sunset, new.sunset)]
        yield Found(_sunset(old.sunset, new.sunset, sides.today), at, f"`sunset` {was(*said)}.", side)


def _sunset(old: date | None, new: date | None, today: date) -> ChangeClass:
    if new is None or (old is not None and new > old):
        return classes.SUNSET_LATER
    return classes.SUNSET_EARLIER if old is not None or new <= today else classes.SUNSET_ANNOUNCED


def _version(old: Header, new: Header, sides: Sides) -> Iterator[Found]:
    if version_of(old) != version_of(new):
        kind = classes.VERSION_RAISED if version_of(new) > version_of(old) else classes.VERSION_LOWERED
        at = sides.new.word_at(new.key, "version")
        yield Found(kind, at, f"`version` {was(old.version, new.version)}.")


def version_gaps(
    old: Header, new: Header, own: Sequence[Found], others: Sequence[Found], sides: Sides
) -> Iterator[Found]:
    """What the version of a contract does not say: `own` changes of its text for its own readers, and for `others`'."""
    if old.stability not in (Stability.STABLE, Stability.DEPRECATED) or is_major(old, new):
        return
    before, after = version_of(old), version_of(new)
    at = sides.new.word_at(new.key, "version")
    broken = [found for found in others if found.kind.severity is Severity.BREAKING]
    if broken:
        message = f"The version is {new.version}, and this breaks what uses it: {broken[0].message}"
        yield Found(classes.MAJOR_MISSING, at, message)
    elif after[:2] <= before[:2] and (added := [found for found in (*own, *others) if found.kind.feature]):
        message = f"The version is {new.version}, and this is new since {old.version}: {added[0].message}"
        yield Found(classes.MINOR_MISSING, at, message)
