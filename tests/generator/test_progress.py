"""What a run tells of itself while it works: its stages, `--stats`, and the progress bar."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest

from tests.bench.contract_sets import write_set
from treaty import bar
from treaty.check import examine
from treaty.progress import Stage, counted, observed, stage
from treaty.project import Project
from treaty.rules.registry import rules
from treaty.stats import table


class Terminal(io.StringIO):
    """A stream that says it is a terminal, and tells when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        size = super().write(text)
        if "reading" in text:
            self.written.set()
        return size


def test_every_stage_is_there_with_its_count(tmp_path: Path) -> None:
    project = Project.find(write_set(tmp_path, 10))
    with observed() as stages:
        examine(project)
    assert [(found.name, found.total, found.done) for found in stages] == [
        ("reading", 10, 10),
        ("understanding", 10, 0),
        ("linking", 10, 0),
        ("checking", len(rules()), len(rules())),
    ]
    assert all(found.seconds > 0 for found in stages)


def test_the_table_has_a_line_for_each_stage_and_one_for_all() -> None:
    stages = [Stage("reading", total=1000, done=1000, seconds=0.3), Stage("linking", seconds=0.1)]
    head, *lines, last = table(stages, starting=0.1)
    assert head.split() == ["stage", "count", "seconds", "share"]
    assert [line.split() for line in lines] == [
        ["starting", "0.100", "20%"],
        ["reading", "1,000", "0.300", "60%"],
        ["linking", "0.100", "20%"],
    ]
    assert last.split()[:2] == ["all", "0.500"]


def test_nobody_listening_is_no_difference() -> None:
    with stage("reading"):
        assert list(counted([1, 2])) == [1, 2]


def test_a_failing_stage_still_says_how_long_it_took() -> None:
    with observed() as stages, pytest.raises(ZeroDivisionError), stage("reading"):
        assert 1 / 0
    assert stages[0].seconds > 0


def test_a_long_run_shows_a_bar_on_a_terminal_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(bar, "PATIENCE", 0.0)
    with bar.progress_bar([Stage("reading", total=5, done=3)]):
        assert terminal.written.wait(30)
    assert "3/5" in terminal.getvalue()
    erase_line, show_cursor = "\x1b[2K", "\x1b[?25h"
    assert terminal.getvalue().rstrip().endswith((erase_line, show_cursor))


def test_elsewhere_there_is_no_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bar, "PATIENCE", 0.0)
    with bar.progress_bar([Stage("reading", total=5, done=3)]):
        pass
    assert capsys.readouterr().err == ""
