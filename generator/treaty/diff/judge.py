"""What a change amounts to: stability and version decide whether what breaks may break."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from treaty.contract.base import Stability
from treaty.diff.base import Change, Found, Severity
from treaty.diff.compare import Seen, reader
from treaty.diff.headers import is_major, version_gaps
from treaty.diff.side import Side, Sides
from treaty.resolve.model import Header

_UNSETTLED = (Stability.IDEA, Stability.EXPERIMENTAL)


def judge(seen: Iterable[Seen], sides: Sides) -> list[Change]:
    """All changes, and what the versions do not say of them."""
    changes = list(seen)
    changes += _gaps(changes, sides)
    return [_judged(item, sides) for item in changes]


def _gaps(seen: list[Seen], sides: Sides) -> Iterator[Seen]:
    """What the version of a contract should have said, for each contract whose own text changed."""
    own: dict[str, list[Found]] = defaultdict(list)
    others: dict[str, list[Found]] = defaultdict(list)
    for key, found in seen:
        owner = _owner(found, sides)
        if owner is not None:
            (own if owner == key else others)[owner].append(found)
    for key in sorted(own.keys() | others.keys()):
        old, new = _headers(key, sides)
        if old and new:
            yield from (Seen(key, found) for found in version_gaps(old, new, own[key], others[key], sides))


def _owner(found: Found, sides: Sides) -> str | None:
    """The contract whose text changed, as NEW calls it; `None` for a folder's defaults, and for what is used anew."""
    side: Side = getattr(sides, found.side)
    key = side.keys_by_path.get(found.at.path)
    now = sides.now(key) if key and found.side == "old" else key
    return now if now and not sides.says_the_same(now) else None


def _headers(key: str, sides: Sides) -> tuple[Header | None, Header | None]:
    """A contract's header in OLD and in NEW; `key` is what NEW calls it."""
    was = sides.was(key)
    return sides.old.headers.get(was) if was else None, sides.new.headers.get(key)


def _judged(seen: Seen, sides: Sides) -> Change:
    old, new = _headers(seen.key, sides)
    header = new or old
    assert header is not None  # noqa: S101 - a change is one of a contract that is on one side at least
    severity, note = _severity(seen.found, old, new, sides.today)
    owner = _owner(seen.found, sides)
    return Change(
        kind=seen.found.kind,
        reader=reader(seen.found, old or header),
        severity=severity,
        key=seen.key,
        through=owner if owner != seen.key else None,
        at=seen.found.at,
        side=seen.found.side,
        message=seen.found.message,
        scenarios=seen.found.scenarios,
        note=note,
    )


def _severity(found: Found, old: Header | None, new: Header | None, today: date) -> tuple[Severity, str | None]:
    """How bad a change is, and why it is not as bad as its class says. What OLD promised is what counts."""
    severity = found.kind.severity
    if severity is Severity.SAFE or old is None:
        return severity, None
    if old.stability in _UNSETTLED:
        return Severity.SAFE, f"it was `{old.stability.value}`, so it may change"
    if new is None and old.sunset and old.sunset <= today:
        return Severity.SAFE, f"it was announced to end on {old.sunset}"
    if new is not None and is_major(old, new):
        return Severity.SAFE, f"{new.version} is a new major version after {old.version}"
    if severity is Severity.BREAKING and old.stability is Stability.BETA:
        return Severity.RISKY, "it was `beta`, so it may still change"
    return severity, None
