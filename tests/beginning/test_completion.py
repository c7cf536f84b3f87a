"""Completion, as bash asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALLED = Path(sys.executable).parent
ASK = """
source ~/.bash_completions/treaty.sh
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_treaty_completion treaty
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which somebody has called `treaty --install-completion`."""
    home = tmp_path_factory.mktemp("home")
    said = bash(home, "treaty --install-completion; exit $?")
    assert said.returncode == 0, said.stdout
    assert "treaty.sh" in (home / ".bashrc").read_text()
    return home


def bash(home: Path, script: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", script, "bash", *arguments],
        cwd=folder,
        env={**os.environ, "HOME": str(home), "PATH": f"{INSTALLED}{os.pathsep}{os.environ['PATH']}"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def offered(home: Path, *words: str, folder: Path = ROOT) -> list[str]:
    """What a Tab after the last word offers."""
    said = bash(home, ASK, "treaty", *words, folder=folder)
    assert "Traceback" not in said.stdout
    return said.stdout.split()


def test_commands_of_both_distributions(home: Path) -> None:
    assert {"check", "generate", "init", "new", "schema", "verify", "serve", "migrate"} <= set(offered(home, ""))
    assert offered(home, "gen") == ["generate"]
    assert "--check" in offered(home, "generate", "--")


def test_keys_of_contracts(home: Path) -> None:
    assert offered(home, "check", "--explain", "saas.billing.usage.") == [
        "saas.billing.usage.daily",
        "saas.billing.usage.list",
        "saas.billing.usage.rebuild",
        "saas.billing.usage.record",
        "saas.billing.usage.recordBatch",
        "saas.billing.usage.recorded",
        "saas.billing.usage.summary",
        "saas.billing.usage.void",
        "saas.billing.usage.voided",
    ]
    lending = str(ROOT / "tests" / "lending")
    assert offered(home, "check", "--project", lending, "--explain", "lending.Bo") == [
        "lending.Book",
        "lending.BookCard",
    ]


def test_keys_of_operations(home: Path) -> None:
    assert offered(home, "verify", "--operation", "saas.billing.usage.su") == ["saas.billing.usage.summary"]


def test_codes(home: Path) -> None:
    assert offered(home, "explain", "still-") == ["still-to-say"]


def test_what_begins_a_new_contract(home: Path) -> None:
    assert offered(home, "new", "en") == ["entity"]
    assert offered(home, "new", "entity", "s") == ["saas.billing."]


@pytest.mark.parametrize(
    "words", [("check", "--explain", "a"), ("new", "command", "a"), ("verify", "--operation", "a")], ids=" ".join
)
def test_outside_of_a_project_nothing_is_offered(home: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    assert offered(home, *words, folder=tmp_path) == []
