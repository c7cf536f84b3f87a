"""`treaty check` as it is typed: what it prints, how it ends, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.generator.checking import write

TREATY = Path(sys.executable).with_name("treaty")
PROJECT = '[tool.treaty]\ntitle = "Shop"\nversion = "1.0.0"\n'
COLOR = "kind: type\nkey: shop.Color\nversion: 1.0.0\ndescription: Colours.\nvalues: [red]\n"
EXPLAINED = """\
kind: query  # contracts/shop/ask.yaml:1:1
key: shop.ask  # contracts/shop/ask.yaml:2:1
version: 1.0.0  # contracts/shop/ask.yaml:3:1
description: Ask.  # contracts/shop/ask.yaml:4:1
http: GET /ask  # contracts/shop/ask.yaml:5:1
# contracts/shop/ask.yaml:7:1
output:
  answer: string
stability: beta  # contracts/_defaults.yaml:2:1
# contracts/shop/_defaults.yaml:1:1
owners:
- me
- you
policy:
  auth: user  # contracts/shop/_defaults.yaml:3:3
  audit: true  # contracts/_defaults.yaml:3:25
  # contracts/shop/ask.yaml:6:10
  roles:
  - admin
"""


def treaty(*arguments: str, at: Path, **environment: str) -> tuple[int, str]:
    """Exit code and everything that is printed."""
    done = subprocess.run(
        [TREATY, *arguments],
        cwd=at,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=60,
    )
    printed = done.stdout.decode()
    assert "Traceback" not in printed
    return done.returncode, printed


def test_no_problems(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": PROJECT, "contracts/shop/Color.yaml": COLOR})
    assert treaty("check", at=tmp_path) == (0, "1 contract, no problems.\n")


def test_problems_with_hints(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": PROJECT, "contracts/shop/Color.yaml": COLOR.replace("values", "vlaues")})
    code, printed = treaty("check", at=tmp_path)
    assert code == 1
    assert printed == (
        "contracts/shop/Color.yaml:5:1 word-unknown The language has no word `vlaues`.\n"
        "    vlaues: [red]\n"
        "    ^\n"
        "    Did you mean `values`?\n"
        "1 problem; `treaty fix` may mend 1.\n"
    )


def test_from_a_folder_below_and_from_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": PROJECT, "contracts/shop/Color.yaml": COLOR})
    assert treaty("check", at=tmp_path / "contracts/shop")[0] == 0
    assert treaty("check", "--project", str(tmp_path), at=Path("/"))[0] == 0


def test_other_tables_of_pyproject_below_do_not_hide_the_project(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"pyproject.toml": PROJECT, "contracts/shop/Color.yaml": COLOR, "contracts/pyproject.toml": "[tool.x]\n"},
    )
    assert treaty("check", at=tmp_path / "contracts/shop")[0] == 0


def test_bad_settings(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": PROJECT + 'contract = "x"\n'})
    code, printed = treaty("check", at=tmp_path)
    assert code == 1
    assert printed.startswith("pyproject.toml:4:1 project-invalid [tool.treaty] `contract`: ")


def test_a_project_that_is_not_there(tmp_path: Path) -> None:
    assert treaty("check", "--project", str(tmp_path / "nowhere"), at=tmp_path)[0] == 1
    assert treaty("check", "--project", "x" * 5000, at=tmp_path)[0] == 1
    (tmp_path / "file").write_text("")
    assert treaty("check", "--project", str(tmp_path / "file"), at=tmp_path)[0] == 1


def test_a_terminal_without_utf8(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": PROJECT, "contracts/shop/Color.yaml": COLOR.replace("red", "'größe 日本'")})
    code, printed = treaty("check", at=tmp_path, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert code == 1
    assert "contracts/shop/Color.yaml:5:10 value-invalid" in printed


@pytest.mark.parametrize("command", ["check", "explain kind-unknown"])
def test_output_that_cannot_be_written(tmp_path: Path, command: str) -> None:
    write(tmp_path, {"pyproject.toml": PROJECT, "contracts/shop/Color.yaml": COLOR})
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [TREATY, *command.split()], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "treaty was stopped: its output cannot be written: No space left on device.\n"


def test_an_unknown_command(tmp_path: Path) -> None:
    assert treaty("chekc", at=tmp_path)[0] == 2


def test_help_names_the_commands(tmp_path: Path) -> None:
    code, printed = treaty("--help", at=tmp_path)
    assert code == 0
    assert all(command in printed for command in ("check", "generate"))


def test_explain(tmp_path: Path) -> None:
    operation = (
        "kind: query\nkey: shop.ask\nversion: 1.0.0\ndescription: Ask.\nhttp: GET /ask\n"
        "policy: {roles: [admin]}\noutput: {answer: string}\n"
    )
    write(
        tmp_path,
        {
            "pyproject.toml": PROJECT,
            "contracts/_defaults.yaml": "owners: [nobody]\nstability: beta\npolicy: {auth: service, audit: true}\n",
            "contracts/shop/_defaults.yaml": "owners: [me, you]\npolicy:\n  auth: user\n",
            "contracts/shop/ask.yaml": operation,
        },
    )
    assert treaty("check", at=tmp_path) == (0, "1 contract, no problems.\n")
    assert treaty("check", "--explain", "shop.ask", at=tmp_path) == (
        0,
        EXPLAINED,
    )
    assert treaty("check", "--explain", "shop.aks", at=tmp_path)[0] == 1
