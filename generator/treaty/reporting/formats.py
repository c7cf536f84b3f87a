"""Diagnostics for programs: JSON of our own, and annotations of GitHub's."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from treaty.diagnostics import Diagnostic, Severity
from treaty.fixing.edits import Region
from treaty.fixing.regions import Regions

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


class Format(StrEnum):
    """How diagnostics are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def as_json(problems: Iterable[Diagnostic], regions: Regions) -> str:
    """A document with every diagnostic, its mend included, and how many there are of each severity."""
    problems = list(problems)
    counted = Counter(problem.severity.value for problem in problems)
    document = {
        "format": 1,
        "counts": {severity.value: counted[severity.value] for severity in Severity},
        "problems": [as_data(problem) | {"fix": _fix(problem, regions.of(problem))} for problem in problems],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def as_data(problem: Diagnostic) -> dict[str, str | int]:
    """One diagnostic as JSON data."""
    return {
        "path": problem.at.path,
        "line": problem.at.line,
        "column": problem.at.column,
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "hint": problem.hint,
    }


def _fix(problem: Diagnostic, regions: Iterable[Region]) -> dict[str, Any] | None:
    edits = [
        {
            "line": region.line,
            "column": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
            "text": region.new,
        }
        for region in regions
    ]
    return {"title": problem.fix.title, "edits": edits} if problem.fix and edits else None


def as_github(problems: Iterable[Diagnostic], prefix: str = "") -> Iterator[str]:
    """Annotations, one per line. `prefix` leads from the repository's root to the project."""
    for problem in problems:
        at = problem.at
        properties = {"file": f"{prefix}{at.path}", "line": at.line, "col": at.column, "title": problem.code}
        said = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
        message = _data(f"{problem.message}\n{problem.hint}")
        yield f"::{_LEVELS[problem.severity]} {said}::{message}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
