"""Every diagnostic has a folder that is right, and one that is wrong with the text that is said about it.

`make golden-update` accepts what is said now.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import treaty
from tests.generator.checking import check
from tests.generator.examples import example_of
from treaty.reporting import explanation
from treaty.reporting.codes import codes
from treaty.rules.registry import rules

HERE = Path(__file__).parent
FIXTURES = sorted(
    path
    for stage in ("source", "contract", "resolve", "reporting", "rules")
    for path in (HERE / stage).iterdir()
    if path.is_dir()
)
# These need files that a repository can't hold: test_folder.py, test_severities.py.
ELSEWHERE = {
    "file-too-large",
    "file-unreadable",
    "folder-missing",
    "folder-unreadable",
    "path-link",
    "path-reserved",
    "path-twin",
    "severity-invalid",
}
NO_CODES = {"input-field-added-required", "date-time", "utf-8", "utf-8-sig"}
CODE = re.compile(r"[a-z]+[0-9]*(-[a-z0-9]+)+")


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_golden_bad(fixture: Path) -> None:
    found = "".join(f"{problem}\n    {problem.hint}\n" for problem in check(fixture / "bad"))
    expected = fixture / "bad" / "expected.txt"
    if os.environ.get("TREATY_GOLDEN_UPDATE") == "1":
        expected.write_text(found)
    assert found == expected.read_text()
    assert {problem.code for problem in check(fixture / "bad")} == {fixture.name}


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_golden_good(fixture: Path) -> None:
    assert [str(problem) for problem in check(fixture / "good")] == []


def test_every_rule_has_fixtures() -> None:
    assert {path.name for path in FIXTURES if path.parent.name == "rules"} == {rule.id for rule in rules()}


def test_every_code_is_registered_and_has_fixtures() -> None:
    stages = {id_ for id_, code in codes().items() if code.stage != "rules"}
    assert stages == set(_codes()) - NO_CODES
    # test_project.py, tests/diff/test_allowances.py
    others = {id_ for id_, code in codes().items() if code.stage in ("project", "diff")}
    assert {path.name for path in FIXTURES if path.parent.name != "rules"} == stages - ELSEWHERE - others


def test_every_code_has_an_example() -> None:
    """What `treaty explain` shows is taken from the fixtures; `make golden-update` takes it again."""
    found = {fixture.name: example_of(fixture) for fixture in FIXTURES}
    if os.environ.get("TREATY_GOLDEN_UPDATE") == "1":
        text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
        (Path(explanation.__file__).with_name(explanation.EXAMPLES)).write_text(f"{text}\n", encoding="utf-8")
    assert found == explanation.examples()


def _codes() -> Iterator[str]:
    """The codes that the stages before and after the rules use, read off their source."""
    package = Path(treaty.__file__).parent
    modules = [
        path
        for stage in ("source", "contract", "resolve", "reporting")
        for path in sorted((package / stage).glob("*.py"))
        if path.name != "stages.py"
    ]
    for module in (*modules, package / "project.py", package / "diff" / "allowances.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                yield node.value
