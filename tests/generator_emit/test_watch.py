"""`treaty generate --watch` goes on whatever happens, and says each thing once."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.bench.contract_sets import write_set
from treaty.cli import application
from treaty.commands.watching import Watching
from treaty.watch import Watched

CONTRACT = "contracts/area0/part0/visit.record.yaml"
MODULE = "generated/area0/part0/visit_record.py"
PATIENCE = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small project."""
    return write_set(tmp_path / "project", 10)


Said = Callable[[Callable[[], object]], str]


@pytest.fixture
def said_after(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """What is said after something was done, by a watch that lasts as long as the test."""
    watching = Watching(folder, waiting=lambda: None)

    def after(do: Callable[[], object]) -> str:
        capsys.readouterr()
        do()
        monkeypatch.setattr("treaty.commands.watching.changes", lambda _: iter([True]))
        watching.run()
        heard = capsys.readouterr()
        return heard.out + heard.err

    after(lambda: None)
    return after


def test_every_state_is_said_once_and_mended(folder: Path, said_after: Said) -> None:
    contract, settings, module = folder / CONTRACT, folder / "pyproject.toml", folder / MODULE
    states: list[tuple[Path, str, str]] = [
        (contract, "kind: comm", "kind-unknown"),
        (contract, contract.read_text()[:500] + "\n  half:", "yaml-syntax"),
        (settings, "[tool.treaty", "project-unreadable"),
        (settings, "[tool.treaty]\ntitle = 1\n", "project-invalid"),
        (module, module.read_text() + "# mine\n", "was edited by hand"),
        (folder / "generated/.treaty-manifest.json", "{", "is no manifest"),
    ]
    for file, broken, problem in states:
        whole = file.read_text()
        assert problem in said_after(partial(file.write_text, broken))
        assert said_after(lambda: None) == ""
        assert "0 written, 0 removed." in said_after(partial(file.write_text, whole))
        assert said_after(lambda: None) == ""


def test_folders_and_files_come_and_go(folder: Path, said_after: Said) -> None:
    contracts = folder / "contracts"
    assert "folder-missing" in said_after(lambda: contracts.rename(folder / "elsewhere"))
    assert "0 written" in said_after(lambda: (folder / "elsewhere").rename(contracts))
    (folder / "contracts/area0/part0/phrases.yaml").rename(folder / "phrases.yaml")
    assert "phrase-unknown" in said_after(lambda: None)
    (folder / "phrases.yaml").rename(folder / "contracts/area0/part0/phrases.yaml")
    assert "0 written" in said_after(lambda: None)
    assert "1 written" in said_after((folder / MODULE).unlink)


def test_what_the_disk_stopped_is_tried_again(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [2]

    def full(*_: object) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")

    monkeypatch.setattr("treaty.output.journal._stage", full)
    monkeypatch.setattr("treaty.commands.watching.RETRY", -1.0)
    monkeypatch.setattr("treaty.commands.watching.changes", lambda _: iter([True, False, False]))
    monkeypatch.setattr("treaty.output.journal.Journal._apply", lambda *_: None)
    Watching(folder, waiting=lambda: None).run()
    heard = capsys.readouterr()
    assert heard.err.count("No space left on device") == 1
    assert "25 written" in heard.out


def test_what_is_watched_follows_the_settings(folder: Path) -> None:
    before = Watched.of(folder)
    assert [Path(place).name for place in before.folders] == ["contracts"]
    (folder / "features").mkdir()
    assert [Path(place).name for place in Watched.of(folder).folders] == ["contracts", "features"]
    (folder / "contracts").rename(folder / "texts")
    (folder / "texts").rename(folder / "contracts")
    (folder / "features").rmdir()
    assert Watched.of(folder) == before
    (folder / "pyproject.toml").write_text((folder / "pyproject.toml").read_text() + "\n")
    assert Watched.of(folder) != before
    (folder / "pyproject.toml").write_text("[")
    assert Watched.of(folder).folders == ()


def test_the_command(folder: Path, tmp_path: Path) -> None:
    """Really watching: an edit, a mistake, its mend; Ctrl-C ends it without a word."""
    with (tmp_path / "said").open("wb") as stream:
        command = [sys.executable, "-m", "treaty", "generate", "--watch"]
        watching = subprocess.Popen(command, cwd=folder, stdout=stream, stderr=subprocess.STDOUT)
    said = tmp_path / "said"
    try:
        _wait(lambda: "25 written" in said.read_text())
        text = (folder / CONTRACT).read_text()
        contract = folder / CONTRACT
        contract.write_text(text.replace("Record a visit", "Note a visit"))
        _wait(lambda: "4 written" in said.read_text())
        assert "Note a visit" in (folder / MODULE).read_text()
        contract.write_text(text.replace("kind: command", "kind: comand"))
        _wait(lambda: "Did you mean" in said.read_text())
        contract.write_text(text)
        _wait(lambda: said.read_text().count("4 written") == 2)
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE) == 0
    finally:
        watching.kill()
        watching.wait()
    assert "Traceback" not in said.read_text()


@pytest.mark.parametrize("option", ["--check", "--dry-run", "--force", "--stats"])
def test_other_options_are_refused(folder: Path, option: str) -> None:
    done = CliRunner().invoke(application(), ["generate", "--watch", option, "--project", str(folder)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "leave the other options out" in done.stderr


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
