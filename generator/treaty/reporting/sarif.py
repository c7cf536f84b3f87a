"""Diagnostics as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from treaty.diagnostics import Diagnostic
from treaty.fixing.edits import Region
from treaty.fixing.regions import Regions
from treaty.reporting.base import Code

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(problems: Iterable[Diagnostic], codes: Mapping[str, Code], regions: Regions, prefix: str = "") -> str:
    """A log of one run, mends included. `prefix` leads from the repository's root to the project."""
    problems = list(problems)
    used = sorted({problem.code for problem in problems})
    driver = {"name": "treaty", "version": version("treaty"), "rules": [_rule(id_, codes.get(id_)) for id_ in used]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, used.index(problem.code), regions.of(problem), prefix) for problem in problems],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _rule(id_: str, code: Code | None) -> dict[str, Any]:
    if code is None:
        return {"id": id_}
    return {
        "id": id_,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": f"{code.title} {code.why}"},
        "help": {"text": f"{code.why} `treaty explain {id_}` shows an example."},
        "defaultConfiguration": {"level": code.severity.value},
    }


def _result(problem: Diagnostic, rule: int, regions: Iterable[Region], prefix: str) -> dict[str, Any]:
    artifact = {"uri": quote(f"{prefix}{problem.at.path}"), "uriBaseId": "%SRCROOT%"}
    place = {
        "artifactLocation": artifact,
        "region": {"startLine": problem.at.line, "startColumn": problem.at.column},
    }
    result = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity.value,
        "message": {"text": f"{problem.message} {problem.hint}"},
        "locations": [{"physicalLocation": place}],
    }
    replacements = [_replacement(region) for region in regions]
    if problem.fix and replacements:
        change = {"artifactLocation": artifact, "replacements": replacements}
        result["fixes"] = [{"description": {"text": problem.fix.title}, "artifactChanges": [change]}]
    return result


def _replacement(region: Region) -> dict[str, Any]:
    return {
        "deletedRegion": {
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
        },
        "insertedContent": {"text": region.new},
    }
