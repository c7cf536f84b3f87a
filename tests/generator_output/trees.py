"""Projects of these tests, changes of their contracts, and what their output folder holds."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.generator_emit import projects
from tests.support.forked import run_forked
from tests.support.project import ROOT, Project

SHAPES = ROOT / "tests/generator_emit/golden/shapes"
EVENT = "kind: event\nkey: shop.orders.fresh\nversion: 1.0.0\ndescription: Fresh.\npayload: {at: datetime}\n"


@dataclass(slots=True)
class AtAChange:
    """Sends its own process a signal when that changes what is below a folder for the n-th time; counts in the end."""

    folder: str
    change: int
    number: int
    changes: int = 0

    def __enter__(self) -> None:
        """Begin to count. Nothing waits for the disk: what a killed process wrote stays, only a power cut loses it."""
        os.fsync = lambda fd: None
        sys.addaudithook(self._watch)

    def __exit__(self, *_: object) -> None:
        """Say how many changes there were."""
        sys.stdout.write(f"changes: {self.changes}\n")

    def _watch(self, event: str, arguments: tuple[object, ...]) -> None:
        if _is_change(event, arguments) and str(arguments[0]).startswith(self.folder):
            self.changes += 1
            if self.changes == self.change:
                os.kill(os.getpid(), self.number)


def _is_change(event: str, arguments: tuple[object, ...]) -> bool:
    if event == "open":
        return isinstance(arguments[2], int) and bool(arguments[2] & os.O_CREAT)
    return event in {"os.rename", "os.remove", "os.mkdir", "os.rmdir"}


def begin(folder: Path) -> Project:
    """A project with contracts of every kind."""
    return Project(projects.copy(SHAPES, folder))


def change_contracts(project: Project) -> None:
    """Say something else in most contracts, add one and remove one."""
    contracts = project.folder / "contracts/shop/orders"
    for file in contracts.rglob("*.yaml"):
        file.write_text(file.read_text().replace("version: 1.0.0", "version: 1.0.1"))
    (contracts / "fresh.yaml").write_text(EVENT)
    (contracts / "ping.yaml").unlink()


def break_contracts(project: Project) -> None:
    """Make a mistake in a contract, so that nothing new can be generated."""
    (project.folder / "contracts/shop/orders/wrong.yaml").write_text("kind: nothing\n")


def mend_contracts(project: Project) -> None:
    """Take the mistake back."""
    (project.folder / "contracts/shop/orders/wrong.yaml").unlink()


def generate_until(project: Project, change: int, number: int) -> subprocess.CompletedProcess[str]:
    """Run `treaty generate`, which gets a signal when it changes the file system for the `change`-th time."""
    return run_forked(
        ["treaty", "generate"], project.folder, os.environ, AtAChange(str(project.folder), change, number)
    )


def output(project: Project) -> dict[str, bytes]:
    """Everything in the output folder."""
    return project.files("generated")


def holding(project: Project, act: Callable[[], None]) -> None:
    """Do something that must leave the output folder as it is."""
    before = output(project)
    act()
    assert output(project) == before
