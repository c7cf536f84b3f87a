"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from treaty.diagnostics import Fix, Location, Severity
from treaty.rules.book import Book


class Finding(NamedTuple):
    """One thing that a rule found: where, what is wrong, what to write instead; where it is certain, the mend."""

    at: Location
    message: str
    hint: str
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its id is the code of its diagnostics, its purpose says why it is there.

    With `advice` everything can be generated whatever it finds, so that settings and contracts may overrule it, and
    `severity` is where they begin. `dated` rules look at the day of the run, and are left out where there is none.
    """

    id: str
    purpose: str
    check: Callable[[Book], Iterator[Finding]]
    advice: bool = False
    severity: Severity = Severity.ERROR
    dated: bool = False
