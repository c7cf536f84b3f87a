"""Projects of these tests, changes of their contracts, and what their output folder holds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.generator_emit import projects
from tests.support.project import ROOT, Project

SHAPES = ROOT / "tests/generator_emit/golden/shapes"
EVENT = "kind: event\nkey: shop.orders.fresh\nversion: 1.0.0\ndescription: Fresh.\npayload: {at: datetime}\n"
# `treaty generate`, with something that happens when it changes the file system for the n-th time.
AT_A_CHANGE = """
import os, signal, sys
at, number, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
changes = 0

def watch(event, arguments):
    global changes
    if event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir") or event == "open" and arguments[2] & os.O_CREAT:
        if str(arguments[0]).startswith(folder):
            changes += 1
            if changes == at:
                os.kill(os.getpid(), number)

sys.argv = ["treaty", "generate"]
sys.addaudithook(watch)
from treaty.cli import main
try:
    main()
finally:
    print(f"changes: {changes}")
"""


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
    return subprocess.run(
        [sys.executable, "-c", AT_A_CHANGE, str(change), str(number), str(project.folder)],
        cwd=project.folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def output(project: Project) -> dict[str, bytes]:
    """Everything in the output folder."""
    return project.files("generated")


def holding(project: Project, act: Callable[[], None]) -> None:
    """Do something that must leave the output folder as it is."""
    before = output(project)
    act()
    assert output(project) == before
