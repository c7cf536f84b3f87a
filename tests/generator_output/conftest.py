"""Projects whose output is up to date."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.generator_output.trees import begin
from tests.support.project import Project


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with contracts of every kind, generated; tests change copies of it."""
    made = begin(tmp_path_factory.mktemp("generated") / "project")
    made.must("treaty", "generate")
    return made


@pytest.fixture
def project(generated: Project, tmp_path: Path) -> Project:
    """A project of one's own with contracts of every kind, generated."""
    return Project(Path(shutil.copytree(generated.folder, tmp_path / "project")))
