"""Checks a folder of contracts as `treaty check` does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from treaty.check import examine, load
from treaty.diagnostics import Diagnostic
from treaty.project import Project
from treaty.resolve.model import Model

TODAY = date(2026, 10, 1)


def project(root: Path) -> Project:
    """A project whose contracts and features stand in `root`."""
    return Project(
        root=root,
        title="Shop",
        version="1.0.0",
        description="",
        contracts=root / "contracts",
        features=root / "features",
        output=root / "generated",
        migrations=root / "migrations",
    )


def check(root: Path) -> list[Diagnostic]:
    """Everything that is wrong in `root`, on a day that does not change."""
    return examine(project(root), today=TODAY).problems


def model(root: Path) -> Model:
    """The model of `root`, in which nothing is wrong."""
    found, problems = load(project(root))
    assert problems == []
    return found


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below `root`, and return it."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root
