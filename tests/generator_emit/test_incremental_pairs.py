"""Whatever changes in a contract, a run over the part that is concerned makes and says what one over everything does.

The changes are those of the fixtures of `treaty diff` and of the rules: there is one for every keyword and every rule,
so what a new one says to all other contracts can't be forgotten among the facts that are remembered.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.diff.comparing import laid_out
from tests.generator_emit.test_incremental import cold, run, tree
from treaty.incremental import part

TESTS = Path(__file__).parents[1]
CLASSES = sorted((TESTS / "diff" / "classes").iterdir())
RULES = sorted(path for path in (TESTS / "generator" / "rules").iterdir() if (path / "good").is_dir())
SETTINGS = '[tool.treaty]\ntitle = "Shop"\nversion = "1.0.0"\n'


@pytest.fixture(autouse=True)
def _small_projects_are_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part, "LARGEST_SHARE", 1.0)


@pytest.mark.parametrize("fixture", CLASSES, ids=lambda path: path.name)
def test_any_change(fixture: Path, tmp_path: Path) -> None:
    _compare(*laid_out(fixture, tmp_path))


@pytest.mark.parametrize("rule", RULES, ids=lambda path: path.name)
def test_any_mistake(rule: Path, tmp_path: Path) -> None:
    for side in ("good", "bad"):
        shutil.copytree(rule / side, tmp_path / side)
    _compare(tmp_path / "good", tmp_path / "bad")


def _compare(old: Path, new: Path) -> None:
    """Generate the one, edit it until it says what the other does, and generate it again."""
    if not (old / "pyproject.toml").exists():
        (old / "pyproject.toml").write_text(SETTINGS)
    assert not run(old)[0].problems
    before = tree(old)
    _become(old, new)
    generated, _ = run(old)
    problems, files = cold(old)
    assert (generated.problems or generated.warnings) == problems
    assert tree(old) == (before if files is None else files)


def _become(folder: Path, other: Path) -> None:
    """Make the contracts and features of a project those of another; what is the same is not touched."""
    for name in ("contracts", "features"):
        here, there = _texts(folder / name), _texts(other / name)
        for path in here.keys() - there.keys():
            (folder / name / path).unlink()
        for path, content in there.items():
            if here.get(path) != content:
                (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / name / path).write_bytes(content)


def _texts(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
