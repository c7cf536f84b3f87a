"""Whatever is compared with whatever: never an exception, never a change where nothing changed."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.diff.comparing import HERE, TODAY, compared, laid_out
from treaty.diff.base import Severity
from treaty.diff.compare import compare
from treaty.diff.machine import diagnostics, document
from treaty.diff.pairs import pair
from treaty.diff.sources import load
from treaty.diff.text import lines

ROOT = HERE.parents[1]
FIXTURES = sorted((HERE / "classes").iterdir())
PROJECTS = (ROOT, ROOT / "tests" / "lending")


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.name)
def test_nothing_is_what_it_was_not(fixture: Path, tmp_path: Path) -> None:
    for side in laid_out(fixture, tmp_path):
        assert compared(side, side).changes == []


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_a_project_with_itself(project: Path) -> None:
    result = compared(project, project)
    assert result.changes == []
    assert not result.fails(Severity.RISKY)


@pytest.mark.parametrize(
    "fixtures", list(pairwise(FIXTURES)), ids=lambda pair: "-".join(path.name[:4] for path in pair)
)
def test_contracts_that_have_little_in_common(fixtures: tuple[Path, Path], tmp_path: Path) -> None:
    first, other = (laid_out(fixture, tmp_path / fixture.name)[1] for fixture in fixtures)
    for old, new in ((first, other), (other, first)):
        result = compared(old, new)
        assert document(result)
        assert len(list(diagnostics(result, everything=True))) == len(result.changes)
        assert list(lines(result.changes, "old", "new", everything=True))


def test_projects_that_have_nothing_in_common(tmp_path: Path) -> None:
    for old, new in (PROJECTS, PROJECTS[::-1]):
        assert {"operation-removed", "entity-removed"} <= {change.kind.name for change in compared(old, new).changes}


def test_every_change_is_said_once(tmp_path: Path) -> None:
    old, new = (load(str(path), path, "old").side for path in PROJECTS)
    found = list(compare(pair(old, new, TODAY)))
    assert len(found) == len(set(found))
