"""What the generator has to say about a contract: values, never exceptions.

Every stage returns the problems it found beside its result, so that one run reports them all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is. Only errors stop anything."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a contract: `path` as the author knows it, line and column counted from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """`file:line:column`."""
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Edit:
    """At a place in a contract, `new` takes the place of the text `old`, which must stand there.

    When `old` is a whole scalar, it may stand in quotes: they stay, or go with it (`unquote`).
    """

    at: Location
    old: str
    new: str
    unquote: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """The one mend of a problem that can be meant: `title` says what it does, in the imperative, without a stop."""

    title: str
    edits: tuple[Edit, ...]


def replacement(at: Location, old: str, new: str, *, unquote: bool = False) -> Fix:
    """The mend that writes one text for another at one place."""
    return Fix(f"write `{new}` for `{old}`", (Edit(at, old, new, unquote),))


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One complaint: where, which code, what is wrong, and what to write instead; where it is certain, the mend."""

    at: Location
    code: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR
    fix: Fix | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """`file:line:column CODE message`, without the hint; what is no error says so."""
        said = "" if self.severity is Severity.ERROR else f"{self.severity.value}: "
        return f"{self.at} {said}{self.code} {self.message}"
