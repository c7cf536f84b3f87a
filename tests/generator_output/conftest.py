"""Projects whose output is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generator_output.trees import begin
from tests.support.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with contracts of every kind, generated."""
    made = begin(tmp_path / "project")
    made.must("treaty", "generate")
    return made
