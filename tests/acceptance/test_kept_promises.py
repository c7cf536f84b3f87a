"""A service that keeps its promises: what `treaty verify` prints, remembers and leaves behind."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from tests.acceptance.conftest import PostOffice
from treaty_runtime.embedded import EmbeddedPostgres

SCENARIOS = 19
GIT = ("git", "-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")


def git(office: PostOffice, *words: str) -> str:
    done = subprocess.run([*GIT, *words], cwd=office.project.folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def office(another: Callable[[], PostOffice]) -> PostOffice:
    office = another()
    office.write(".gitignore", ".treaty/\n__pycache__/\n")
    git(office, "init", "--quiet")
    git(office, "add", ".")
    git(office, "commit", "--quiet", "--message", "all of it")
    return office


@pytest.fixture(scope="module")
def databases(office: PostOffice) -> Path:
    return office.project.folder / ".treaty" / "verification"


@pytest.fixture(scope="module")
def said(office: PostOffice, databases: Path) -> CompletedProcess[str]:
    with EmbeddedPostgres.start(databases, durable=False) as server:
        server.create_database("verification_999999999")  # no process has such a number: it was killed
    return office.verify()


def test_everything_passes(said: CompletedProcess[str]) -> None:
    assert said.returncode == 0, said.stdout
    assert f"{SCENARIOS} scenarios: {SCENARIOS} passed" in said.stdout


def test_every_scenario_has_a_line_with_its_operation_or_feature(said: CompletedProcess[str]) -> None:
    lines = [line.split() for line in said.stdout.splitlines()]
    assert ["post.letter.burn", "heads-burn", "passed"] in [line[:3] for line in lines]
    assert ["small-letter", "passed"] in [line[:2] for line in lines]
    assert "Letters in a product owner's words  Posting twice is refused the second time" in said.stdout
    assert "Those who may not -- @1.2" in said.stdout


def test_steps_outside_of_the_vocabulary_are_counted(said: CompletedProcess[str]) -> None:
    assert "Steps outside of the vocabulary, and how often: weather.blow (1), weather.remembers (1)" in said.stdout


def test_the_history_says_what_was_verified_when_and_in_which_tree(
    office: PostOffice, said: CompletedProcess[str]
) -> None:
    entries = [entry for entry in office.history() if entry["scenario"] == "heavy-letter"]
    text = (
        "Scenario: heavy-letter\nGiven An office exists\nWhen post.letter.post is sent\n"
        '{"code": "abc", "grams": 1001}\nThen it is refused with too_heavy'
    )
    (entry,) = entries[:1]
    when = dt.datetime.fromisoformat(entry.pop("when"))
    assert when.utcoffset() == dt.timedelta()
    assert abs(dt.datetime.now(dt.UTC) - when) < dt.timedelta(days=1)
    assert isinstance(entry.pop("seconds"), float)
    assert entry == {
        "operation": "post.letter.post",
        "feature": "generated/features/post/letter.post.feature",
        "scenario": "heavy-letter",
        "status": "passed",
        "commit": git(office, "rev-parse", "HEAD"),
        "dirty": False,
        "text": hashlib.sha256(text.encode()).hexdigest(),
    }


def test_one_line_for_each_scenario(office: PostOffice, said: CompletedProcess[str]) -> None:
    first = office.history()[:SCENARIOS]
    assert len({(entry["feature"], entry["scenario"]) for entry in first}) == SCENARIOS
    assert {entry["operation"] for entry in first} == {None, "post.letter.burn", "post.letter.find", "post.letter.post"}


def test_a_changed_background_changes_the_text_of_every_scenario_below(
    office: PostOffice, said: CompletedProcess[str]
) -> None:
    def texts() -> set[str]:
        return {entry["text"] for entry in office.history()[-2:]}

    office.verify("features/post/letters.feature:7", "features/post/letters.feature:13")
    before = texts()
    office.change(
        "features/post/letters.feature", ("  Background:\n", "  Background:\n    Given Another office exists\n")
    )
    changed = office.verify("features/post/letters.feature:8", "features/post/letters.feature:14")
    assert changed.returncode == 0, changed.stdout
    assert "2 scenarios: 2 passed" in changed.stdout
    assert not texts() & before
    assert [entry["dirty"] for entry in office.history()[-2:]] == [True, True]


def test_one_operation(office: PostOffice, said: CompletedProcess[str]) -> None:
    one = office.verify("--operation", "post.letter.burn")
    assert one.returncode == 0, one.stdout
    assert "3 scenarios: 3 passed" in one.stdout


def test_from_a_folder_below(office: PostOffice, said: CompletedProcess[str]) -> None:
    below = office.project.folder / "generated" / "features"
    done = subprocess.run(
        [Path(sys.executable).with_name("treaty"), "verify", "post/letter.find.feature"],
        cwd=below,
        env={**os.environ, "PYTHONPATH": str(office.project.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 scenario: 1 passed" in done.stdout, done.stdout + done.stderr
    assert office.history()[-1]["feature"] == "generated/features/post/letter.find.feature"


def test_plain_behave(office: PostOffice, said: CompletedProcess[str]) -> None:
    before = len(office.history())
    plain = office.project.run("behave", "--format", "progress")
    assert plain.returncode == 0, plain.stdout
    assert f"{SCENARIOS} scenarios passed, 0 failed" in plain.stdout
    assert len(office.history()) == before + SCENARIOS


def test_no_database_is_left(databases: Path, said: CompletedProcess[str]) -> None:
    with (
        EmbeddedPostgres.start(databases, durable=False) as server,
        psycopg.connect(server.superuser_url("postgres")) as connection,
    ):
        names = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
    assert names == {"postgres", "template0", "template1", "treaty"}
