"""A post office, generated and migrated once; each test breaks a copy of it in its own way."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.support.project import Project

HERE = Path(__file__).parent / "post"
PARTS = ("contracts", "features", "post", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class PostOffice:
    """A copy that a test may break."""

    project: Project

    def change(self, file: str, *changes: tuple[str, str]) -> None:
        """Replace pieces of a file, each of which has to be there."""
        path = self.project.folder / file
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        """Make or replace a file."""
        path = self.project.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def verify(self, *arguments: str) -> CompletedProcess[str]:
        """`treaty verify`: what it printed, and how it ended. A traceback is never what it prints."""
        said = self.project.run("treaty", "verify", *arguments)
        assert "Traceback" not in said.stdout, said.stdout
        return said

    def history(self) -> list[dict[str, Any]]:
        """What is remembered of all verifications so far."""
        lines = (self.project.folder / ".treaty" / "history.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The post office as it should be."""
    project = Project.copy(HERE, tmp_path_factory.mktemp("post"), PARTS)
    project.must("treaty", "generate")
    project.must("treaty", "migrate", "beginning")
    return project


@pytest.fixture
def post(original: Project, tmp_path: Path) -> PostOffice:
    """A copy of the post office."""
    return PostOffice(Project.copy(original.folder, tmp_path / "post", (*PARTS, "generated", "migrations")))


@pytest.fixture(scope="session")
def another(original: Project, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], PostOffice]:
    """Copies of the post office, for fixtures that several tests look at."""

    def copy() -> PostOffice:
        folder = tmp_path_factory.mktemp("copy") / "post"
        return PostOffice(Project.copy(original.folder, folder, (*PARTS, "generated", "migrations")))

    return copy
