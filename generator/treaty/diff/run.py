"""One run of `treaty diff`: both sides read and compared, and what may pass marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from treaty.diagnostics import Diagnostic
from treaty.diff.allowances import allow
from treaty.diff.base import Change, Severity
from treaty.diff.compare import compare
from treaty.diff.judge import judge
from treaty.diff.pairs import pair
from treaty.diff.sources import Source, load

FIRST = "HEAD"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run. `notices` are about the allowances, which do not decide anything by themselves."""

    old: Source
    new: Source
    changes: list[Change]
    notices: list[Diagnostic]

    def fails(self, on: Severity) -> bool:
        """Whether anything is as bad as `on`, or could not be compared."""
        bad = any(change.counts_as.rank >= on.rank for change in self.changes)
        return bad or bool(self.old.problems or self.new.problems)


def diff(old: str | None, new: str | None, project: Path, today: date) -> Result:
    """Compare OLD with NEW. Raises `RevisionError` and `ProjectError`."""
    before, after = load(old or FIRST, project, "old"), load(new, project, "new")
    sides = pair(before.side, after.side, today)
    changes, notices = allow(judge(compare(sides), sides), after.allowances, today)
    return Result(before, after, changes, notices)
