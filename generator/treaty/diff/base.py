"""What a change is: its class, the readers whom it concerns, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from treaty.diagnostics import Location


class Severity(StrEnum):
    """What a change does to a reader who keeps to the old contract."""

    BREAKING = "breaking"
    RISKY = "risky"
    SAFE = "safe"

    @property
    def rank(self) -> int:
        """Greater is worse."""
        return ("safe", "risky", "breaking").index(self)


class Reader(StrEnum):
    """Who relies on a contract."""

    CALLERS = "callers"
    CONSUMERS = "consumers"
    STORED = "stored"
    BEHAVIOUR = "behaviour"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeClass:
    """A class of change. `words` are the keywords of the language that it watches, as `Model.word`.

    `reader` is `None` where the contract's kind decides. `quiet` changes are texts, shown only when asked for.
    `feature` changes add something, which a minor version says.
    """

    id: str
    name: str
    reader: Reader | None
    severity: Severity
    words: tuple[str, ...]
    reason: str
    quiet: bool = False
    feature: bool = False


Which = Literal["old", "new"]


@dataclass(frozen=True, slots=True)
class Found:
    """A change that was seen: its class, where it stands (in OLD, for what is gone), and what it is.

    `scenarios` are those whose promise it changes.
    """

    kind: ChangeClass
    at: Location
    message: str
    side: Which = "new"
    scenarios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A change that may pass for a while; `words` says so in a sentence."""

    reason: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change and what it means for one group of readers.

    `key` is the contract whose readers are concerned, `through` the one whose text changed when that is another.
    `severity` is what the class says, unless `note` says why it is less.
    """

    kind: ChangeClass
    reader: Reader
    severity: Severity
    key: str
    through: str | None
    at: Location
    side: Which
    message: str
    scenarios: tuple[str, ...] = ()
    note: str | None = None
    allowed: Allowance | None = None

    @property
    def counts_as(self) -> Severity:
        """The severity that an exit code goes by."""
        return Severity.SAFE if self.allowed else self.severity
