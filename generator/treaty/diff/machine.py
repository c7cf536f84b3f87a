"""Changes for programs: one JSON document."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from treaty.diagnostics import Diagnostic
from treaty.diff.base import Change, Severity
from treaty.diff.run import Result
from treaty.diff.sources import Source


def document(result: Result) -> str:
    """The whole result; `counts` are of the changes that are not allowed."""
    counted = Counter(change.counts_as for change in result.changes)
    said = {
        "old": _side(result.old),
        "new": _side(result.new),
        "counts": {severity.value: counted[severity] for severity in Severity},
        "changes": [_change(change) for change in result.changes],
        "notices": [_diagnostic(notice) for notice in result.notices],
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def _side(source: Source) -> dict[str, Any]:
    return {"name": source.side.label, "problems": [_diagnostic(problem) for problem in source.problems]}


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
        "file": change.at.path,
        "line": change.at.line,
        "column": change.at.column,
        "message": change.message,
        "reason": kind.reason,
        "scenarios": list(change.scenarios),
        "note": change.note,
        "allowed": {"reason": allowed.reason, "until": allowed.until} if allowed else None,
    }


def _diagnostic(found: Diagnostic) -> dict[str, Any]:
    place = {"file": found.at.path, "line": found.at.line, "column": found.at.column}
    return {"code": found.code, **place, "message": found.message, "hint": found.hint}
