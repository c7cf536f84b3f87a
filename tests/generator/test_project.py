"""[tool.treaty] in pyproject.toml: found, read, and refused with a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator.checking import write
from treaty.project import Project, ProjectError

PROJECT = '[tool.treaty]\ntitle = "Shop"\nversion = "1.0.0"\n'


def test_defaults(tmp_path: Path) -> None:
    project = Project.find(write(tmp_path, {"pyproject.toml": PROJECT}))
    assert project.root == tmp_path
    assert (project.title, project.version, project.description) == ("Shop", "1.0.0", "")
    folders = (project.contracts, project.features, project.output, project.migrations)
    assert [project.shown(folder) for folder in folders] == ["contracts", "features", "generated", "runtime/migrations"]


def test_a_path_below(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": PROJECT, "contracts/shop/pyproject.toml": "[tool.other]\n"})
    assert Project.find(tmp_path / "contracts/shop").root == tmp_path


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (PROJECT + "title = 5\n", "pyproject.toml:4:10 project-unreadable"),
        ("[tool.treaty\n", "pyproject.toml:1:13 project-unreadable"),
        (
            '[tool.treaty]\ntitle = "Shop"\n',
            "pyproject.toml:1:1 project-invalid [tool.treaty] `version`: Field required.",
        ),
        (PROJECT + 'contract = "x"\n', "pyproject.toml:4:1 project-invalid [tool.treaty] `contract`: "),
        (PROJECT + 'contracts = "/etc"\n', "pyproject.toml:4:1 project-invalid [tool.treaty] `contracts`: "),
        (PROJECT + 'output = "../x"\n', "pyproject.toml:4:1 project-invalid [tool.treaty] `output`: "),
        (PROJECT + 'output = "."\n', "pyproject.toml:4:1 project-invalid [tool.treaty] `output`: "),
        (PROJECT + 'output = "a-b"\n', "pyproject.toml:4:1 project-invalid [tool.treaty] `output`: "),
        (PROJECT + 'contracts = ["x"]\n', "pyproject.toml:4:1 project-invalid [tool.treaty] `contracts`: "),
        ("[tool]\ntreaty = 5\n", "pyproject.toml:1:1 project-invalid [tool.treaty] `treaty`: "),
        (PROJECT + 'output = "class"\n', "pyproject.toml:4:1 project-invalid [tool.treaty] `output`: "),
        (b"[tool.treaty]\ntitle = '\xff'\n", "pyproject.toml:1:1 project-unreadable"),
        ("", "project-missing There is no pyproject.toml with [tool.treaty] here or above."),
    ],
)
def test_bad_settings(tmp_path: Path, settings: str | bytes, said: str) -> None:
    write(tmp_path, {"pyproject.toml": settings})
    with pytest.raises(ProjectError) as caught:
        Project.find(tmp_path)
    assert said in str(caught.value.diagnostic)
    assert caught.value.diagnostic.hint
