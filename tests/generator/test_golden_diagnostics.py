"""Every diagnostic has a folder that is right, and one that is wrong with the text that is said about it.

`make golden-update` accepts what is said now.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import treaty
from tests.generator.checking import check
from treaty.rules.registry import rules

HERE = Path(__file__).parent
FIXTURES = sorted(
    path for stage in ("source", "contract", "resolve", "rules") for path in (HERE / stage).iterdir() if path.is_dir()
)
# These need files that a repository can't hold: test_folder.py.
ELSEWHERE = {"file-too-large", "file-unreadable", "folder-missing", "folder-unreadable"}
NO_CODES = {"date-time", "utf-8", "utf-8-sig"}
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


def test_every_other_code_has_fixtures() -> None:
    assert {path.name for path in FIXTURES if path.parent.name != "rules"} == set(_codes()) - ELSEWHERE - NO_CODES


def _codes() -> Iterator[str]:
    """The codes that the stages before the rules use, read off their source; the command line tests the project's."""
    package = Path(treaty.__file__).parent
    for stage in ("source", "contract", "resolve"):
        for module in sorted((package / stage).glob("*.py")):
            for node in ast.walk(ast.parse(module.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                    yield node.value
