"""However a run of `treaty generate` ends, the tree is the old one or the new one after the next command."""

from __future__ import annotations

import fcntl
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.generator_output.trees import (
    begin,
    break_contracts,
    change_contracts,
    generate_until,
    mend_contracts,
    output,
)
from tests.support.project import Project
from treaty import generate as run
from treaty.output.journal import Journal
from treaty.project import Project as Found

KILLS = 50
NEVER = 1_000_000
GENERATE = [str(Path(sys.executable).with_name("treaty")), "generate"]


class Trees:
    """A project whose contracts changed since it was generated, and both trees."""

    def __init__(self, folder: Path) -> None:
        self.template = begin(folder / "template")
        self.template.must("treaty", "generate")
        self.old = output(self.template)
        change_contracts(self.template)
        rehearsal = self.again(folder / "rehearsal")
        said = generate_until(rehearsal, NEVER, signal.SIGKILL).stdout
        self.changes = int(re.search(r"changes: (\d+)", said)[1])  # type: ignore[index]
        self.new = output(rehearsal)

    def again(self, folder: Path) -> Project:
        """A copy to try something with."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.template.folder, folder)
        return Project(folder)


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Trees:
    return Trees(tmp_path_factory.mktemp("trees"))


def journal(project: Project) -> Journal:
    return Journal.of(project.folder, project.folder / "generated")


def generate(project: Project) -> run.Generated:
    return run.generate(Found.find(project.folder), write=True)


def test_killed_at_any_point_it_leaves_the_old_tree_or_the_new(trees: Trees, tmp_path: Path) -> None:
    points = random.sample(range(1, trees.changes + 1), min(KILLS, trees.changes))
    seen = set()
    for point in points:
        project = trees.again(tmp_path / "project")
        assert generate_until(project, point, signal.SIGKILL).returncode == -signal.SIGKILL
        if not journal(project).is_unfinished:
            assert output(project) in (trees.old, trees.new), point
        break_contracts(project)  # nothing new can come of the next run: it only puts in order what it finds
        assert generate(project).problems
        assert output(project) in (trees.old, trees.new), point
        assert not journal(project).is_unfinished
        seen.add(output(project) == trees.new)
        mend_contracts(project)
        assert not generate(project).problems
        assert output(project) == trees.new, point
        assert not (project.folder / ".treaty/generating").exists()
    assert seen == {False, True}


def _halfway(trees: Trees, folder: Path) -> Project:
    """A project whose run was killed while it put files in their places."""
    for point in range(trees.changes * 3 // 4, trees.changes):
        project = trees.again(folder)
        generate_until(project, point, signal.SIGKILL)
        if journal(project).is_unfinished and output(project) not in (trees.old, trees.new):
            return project
    raise AssertionError("no run was killed halfway")


def test_readers_are_told_of_an_interrupted_run_and_change_nothing(trees: Trees, tmp_path: Path) -> None:
    project = _halfway(trees, tmp_path / "project")
    before = project.files()
    for option in ("--check", "--dry-run"):
        said = project.run("treaty", "generate", option)
        assert said.returncode == 1
        assert "was interrupted" in said.stdout
        assert "Run `treaty generate`" in said.stdout
    assert project.files() == before


def test_what_changed_after_an_interrupted_run_is_not_overwritten(trees: Trees, tmp_path: Path) -> None:
    project = _halfway(trees, tmp_path / "project")
    edited = project.folder / "generated/shop/orders/price.py"
    edited.write_text(edited.read_text() + "# by hand\n")
    said = project.run("treaty", "generate")
    assert said.returncode == 1
    assert "price.py was edited by hand" in said.stdout
    assert edited.read_text().endswith("# by hand\n")
    project.must("treaty", "generate", "--force")
    assert output(project) == trees.new


def test_another_revision_checked_out_after_an_interrupted_run(trees: Trees, tmp_path: Path) -> None:
    project = _halfway(trees, tmp_path / "project")
    for path in output(project):
        (project.folder / "generated" / path).unlink()
    for path, content in trees.old.items():
        (project.folder / "generated" / path).write_bytes(content)
    project.must("treaty", "generate")
    assert output(project) == trees.new


def test_a_damaged_record_is_discarded(trees: Trees, tmp_path: Path) -> None:
    project = trees.again(tmp_path / "project")
    place = project.folder / ".treaty/generating"
    for record in ("", "{", "[1]", '[["../outside", null, null]]', '[["/etc/passwd", null, null]]', "\udcff"):
        place.mkdir(parents=True)
        (place / "record.json").write_text(record, errors="surrogateescape")
        (place / "0").write_text("half")
        project.must("treaty", "generate")
        assert output(project) == trees.new
        assert not place.exists()


@pytest.mark.parametrize("place", [".treaty", ".treaty/generating"])
def test_a_file_stands_where_a_run_keeps_things(trees: Trees, tmp_path: Path, place: str) -> None:
    project = trees.again(tmp_path / "project")
    shutil.rmtree(project.folder / ".treaty")
    (project.folder / place).parent.mkdir(exist_ok=True)
    (project.folder / place).write_text("somebody's")
    run.generate(Found.find(project.folder), write=True)
    assert output(project) == trees.new
    assert (project.folder / place).read_text() == "somebody's"


def test_interrupted_from_the_keyboard(trees: Trees, tmp_path: Path) -> None:
    for point in random.sample(range(1, trees.changes + 1), 6):
        project = trees.again(tmp_path / "project")
        said = generate_until(project, point, signal.SIGINT)
        assert "Traceback" not in said.stdout
        assert "Interrupted" in said.stdout
        assert said.returncode == 130
        generate(project)
        assert output(project) == trees.new


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


LIMIT = 24_000  # more than the longest module, less than openapi.json


def test_no_room_for_a_file(trees: Trees, tmp_path: Path) -> None:
    project = trees.again(tmp_path / "project")
    said = subprocess.run(
        GENERATE,
        cwd=project.folder,
        preexec_fn=_limited,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert said.returncode == 1
    assert "can't be written: File too large" in said.stdout
    assert "Nothing was changed" in said.stdout
    assert "Traceback" not in said.stdout
    assert output(project) == trees.old
    project.must("treaty", "generate")
    assert output(project) == trees.new


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own with room for little more than one tree."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with _small_disk(tmp_path / "disk") as disk:
        yield disk


def test_a_full_disk(trees: Trees, small_disk: Path) -> None:
    project = trees.again(small_disk / "project")
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as stream:
        while True:
            try:
                stream.write(bytes(1024))
            except OSError:
                break
    said = project.run("treaty", "generate")
    assert said.returncode == 1
    assert "No space left on device" in said.stdout
    assert "Traceback" not in said.stdout
    assert output(project) == trees.old
    filler.unlink()
    project.must("treaty", "generate")
    assert output(project) == trees.new


def test_output_on_another_file_system(trees: Trees, small_disk: Path, tmp_path: Path) -> None:
    project = trees.again(tmp_path / "project")
    shutil.copytree(project.folder / "generated", small_disk / "generated")
    shutil.rmtree(project.folder / "generated")
    (project.folder / "generated").symlink_to(small_disk / "generated")
    project.must("treaty", "generate")
    assert output(project) == trees.new
    assert [item.name for item in small_disk.iterdir()] == ["generated"]


def test_output_that_is_a_file_system(trees: Trees, tmp_path: Path) -> None:
    project = trees.again(tmp_path / "project")
    shutil.move(project.folder / "generated", tmp_path / "generated")
    with _small_disk(project.folder / "generated") as disk:
        shutil.copytree(tmp_path / "generated", disk, dirs_exist_ok=True)
        project.must("treaty", "generate")
        assert output(project) == trees.new


def test_runs_at_once_wait_for_each_other(trees: Trees, tmp_path: Path) -> None:
    project = trees.again(tmp_path / "project")
    running = [subprocess.Popen(GENERATE, cwd=project.folder, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    assert output(project) == trees.new


def test_a_run_says_that_it_waits(trees: Trees, tmp_path: Path) -> None:
    project = trees.again(tmp_path / "project")
    folder = os.open(project.folder, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    waiting = subprocess.Popen(
        GENERATE, cwd=project.folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert waiting.stderr
    assert "Another `treaty generate` is at work here" in waiting.stderr.readline()
    assert output(project) == trees.old
    os.close(folder)
    waiting.stderr.close()
    assert waiting.wait() == 0
    assert output(project) == trees.new
