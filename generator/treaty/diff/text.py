"""Changes for people: by reader, the worst first, changes of one class together with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from treaty.diff.base import Change, Reader, Severity
from treaty.diff.wording import listed, many

TITLES = {
    Reader.CALLERS: "API callers",
    Reader.CONSUMERS: "Event consumers",
    Reader.STORED: "Stored data",
    Reader.BEHAVIOUR: "Behaviour (policies, scenarios, phrases)",
}
_SEVERITIES = (Severity.BREAKING, Severity.RISKY, Severity.SAFE)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A change of one text, and all contracts whose readers it concerns in the same way."""

    change: Change
    keys: tuple[str, ...]

    @property
    def title(self) -> tuple[str, ...]:
        """What is said once for all changes of a class that came out alike."""
        change, kind = self.change, self.change.kind
        severity = change.severity.value
        said = [f"  {severity}{', allowed' if change.allowed else ''}: {kind.id} {kind.name}", f"    {kind.reason}"]
        if change.note:
            said.append(f"    It would be {kind.severity.value}, but {change.note}.")
        if change.allowed:
            said.append(f"    Allowed until {change.allowed.until}: {change.allowed.reason}")
        return tuple(said)


def lines(changes: Sequence[Change], old: str, new: str, *, everything: bool) -> Iterator[str]:
    """The changes, and how many there are; texts only with `everything`."""
    shown = [change for change in changes if everything or not change.kind.quiet]
    entries = sorted(_entries(shown), key=_order)
    for reader, title in TITLES.items():
        own = [entry for entry in entries if entry.change.reader is reader]
        if own:
            yield f"{title}: {_counts(own)}"
            yield ""
            for heading, alike in groupby(own, key=lambda entry: entry.title):
                yield from heading
                for entry in alike:
                    yield from _entry(entry, old)
                yield ""
    yield _summary(entries, len(changes) - len(shown), old, new)


def _entries(changes: Iterable[Change]) -> Iterator[_Entry]:
    found: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        said = (change.reader, change.kind.id, change.at, change.side, change.message)
        found.setdefault((*said, change.severity, change.note, change.allowed), []).append(change)
    for alike in found.values():
        yield _Entry(alike[0], tuple(sorted({change.key for change in alike})))


def _order(entry: _Entry) -> tuple[object, ...]:
    change = entry.change
    return -change.severity.rank, change.allowed is not None, change.kind.id, entry.title, change.at, change.message


def _entry(entry: _Entry, old: str) -> Iterator[str]:
    change = entry.change
    where = f"{change.at} (in {old})" if change.side == "old" else str(change.at)
    yield f"    {where} {change.message}"
    if change.through or len(entry.keys) > 1:
        yield f"        It concerns {listed(entry.keys)}."
    if change.scenarios:
        yield f"        It changes what {many(len(change.scenarios), 'scenario')} proved: {listed(change.scenarios)}."


def _counts(entries: Sequence[_Entry]) -> str:
    counted = Counter(entry.change.severity for entry in entries)
    allowed = sum(entry.change.allowed is not None for entry in entries)
    said = [f"{counted[severity]} {severity.value}" for severity in _SEVERITIES if counted[severity]]
    return ", ".join(said) + (f" ({allowed} of them allowed)" if allowed else "")


def _summary(entries: Sequence[_Entry], hidden: int, old: str, new: str) -> str:
    texts = f" {many(hidden, 'change')} of texts not shown (--all)." if hidden else ""
    if not entries:
        return f"From {old} to {new} nothing changed that a reader depends on.{texts}"
    return f"{many(len(entries), 'change')} from {old} to {new}: {_counts(entries)}.{texts}"
