"""Changes for programs: a JSON document of our own, and diagnostics for SARIF and GitHub's annotations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from treaty.diagnostics import Diagnostic, Location
from treaty.diagnostics import Severity as Level
from treaty.diff.base import Change, Severity
from treaty.diff.catalogue import classes
from treaty.diff.run import Result
from treaty.diff.sources import Source
from treaty.reporting.base import Code
from treaty.reporting.formats import as_data

STAGE = "diff"
_LEVELS = {Severity.BREAKING: Level.ERROR, Severity.RISKY: Level.WARNING, Severity.SAFE: Level.NOTE}


def document(result: Result) -> str:
    """The whole result; `counts` are of the changes that are not allowed."""
    counted = Counter(change.counts_as for change in result.changes)
    said = {
        "format": 1,
        "old": _side(result.old),
        "new": _side(result.new),
        "counts": {severity.value: counted[severity] for severity in Severity},
        "changes": [_change(change) for change in result.changes],
        "notices": [as_data(notice) for notice in result.notices],
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def _side(source: Source) -> dict[str, Any]:
    return {"name": source.side.label, "problems": [as_data(problem) for problem in source.problems]}


def _change(change: Change) -> dict[str, Any]:
    kind, allowed = change.kind, change.allowed
    return {
        "id": kind.id,
        "name": kind.name,
        "reader": change.reader.value,
        "severity": change.severity.value,
        "classSeverity": kind.severity.value,
        "key": change.key,
        "through": change.through,
        "side": change.side,
        "path": change.at.path,
        "line": change.at.line,
        "column": change.at.column,
        "message": change.message,
        "reason": kind.reason,
        "scenarios": list(change.scenarios),
        "note": change.note,
        "allowed": {"reason": allowed.reason, "until": allowed.until} if allowed else None,
    }


def diagnostics(result: Result, *, everything: bool) -> Iterator[Diagnostic]:
    """What kept sides from being compared, the changes, and what is to be said of allowances."""
    for which, source in (("OLD", result.old), ("NEW", result.new)):
        for problem in source.problems:
            yield replace(problem, message=f"{which}, {source.side.label}: {problem.message}")
    for change in result.changes:
        if everything or not change.kind.quiet:
            yield _diagnostic(change, result)
    for notice in result.notices:
        yield replace(notice, severity=Level.WARNING)


def _diagnostic(change: Change, result: Result) -> Diagnostic:
    """A change where reviewers look: what is gone from a file that is still there is shown at its beginning."""
    at, said = change.at, [change.message]
    if change.side == "old":
        said.append(f"It stood in line {at.line} of {result.old.side.label}.")
        still_there = at.path in result.new.side.keys_by_path
        at = Location(at.path) if still_there else at
    hint = [change.kind.reason, f"It concerns {change.key}."]
    if change.note:
        hint.append(f"It would be {change.kind.severity.value}, but {change.note}.")
    if change.allowed:
        hint.append(f"Allowed until {change.allowed.until}: {change.allowed.reason}")
    return Diagnostic(at, change.kind.id, " ".join(said), " ".join(hint), _LEVELS[change.counts_as])


def codes() -> Mapping[str, Code]:
    """The classes of change as codes of diagnostics."""
    return {
        item.id: Code(item.id, STAGE, f"{item.name}.", item.reason, severity=_LEVELS[item.severity])
        for item in classes().values()
    }
