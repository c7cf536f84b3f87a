"""How bad a code is: what settings say, what contracts are allowed, and that generating works all the same."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.generator.checking import TODAY, project, write
from tests.generator.test_command import treaty
from treaty.check import examine
from treaty.diagnostics import Severity
from treaty.emit import emit
from treaty.project import Project
from treaty.reporting.codes import codes

HERE = Path(__file__).parent
ADVICE = [code.id for code in codes().values() if code.advice and code.stage == "rules"]
SETTINGS = '[tool.treaty]\ntitle = "Shop"\nversion = "1.0.0"\n\n[tool.treaty.severity]\n'
ASK = (
    "kind: command\nkey: shop.ask\nversion: 1.0.0\ndescription: Ask.\n"
    "http: GET /ask\npolicy: {auth: service}\noutput: {text: string}\n"
)


def said(found: Project) -> list[str]:
    return [str(problem) for problem in examine(found).problems]


def ask(root: Path, text: str = ASK) -> Project:
    return project(write(root, {"contracts/shop/ask.yaml": text}))


@pytest.mark.parametrize("code", ADVICE)
def test_what_is_only_advised_can_be_generated_without(code: str) -> None:
    fixture = replace(project(HERE / "rules" / code / "bad"), severity={code: "warning"})
    checked = examine(fixture, today=TODAY)
    assert checked.errors == []
    assert {(problem.code, problem.severity) for problem in checked.problems} == {(code, Severity.WARNING)}
    for path, text in emit(checked.model, fixture).items():
        if path.endswith(".py"):
            ast.parse(text)


@pytest.mark.parametrize(("severity", "exit_code"), [("error", 1), ("warning", 0), ("note", 0), ("off", 0)])
def test_settings_decide(tmp_path: Path, severity: str, exit_code: int) -> None:
    ask(tmp_path)
    write(tmp_path, {"pyproject.toml": f'{SETTINGS}methods = "{severity}"\n'})
    code, printed = treaty("check", at=tmp_path)
    assert code == exit_code
    shown = {"error": "5:7 methods", "off": "1 contract, no problems."}
    assert shown.get(severity, f"5:7 {severity}: methods") in printed
    code, printed = treaty("generate", at=tmp_path)
    assert code == exit_code
    assert (tmp_path / "generated/shop/ask.py").exists() is (exit_code == 0)
    assert ("methods" in printed) is (severity != "off")


def test_an_unused_allowance_can_be_raised(tmp_path: Path) -> None:
    allowed = ASK.replace("GET", "POST").replace("http", "# treaty: allow methods because of a client\nhttp")
    found = ask(tmp_path, allowed)
    assert [problem.severity for problem in examine(found).problems] == [Severity.WARNING]
    raised = replace(found, severity={"suppression-unused": "error"})
    assert [problem.severity for problem in examine(raised).problems] == [Severity.ERROR]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ('routes = "warning"', "7:1 severity-invalid `routes` is always an error"),
        ('key-path = "off"', "7:1 severity-invalid `key-path` is always an error"),
        ('methds = "note"', "7:1 severity-invalid There is no code `methds`"),
        ('methods = "bad"', "7:1 project-invalid [tool.treaty] `severity.methods`: Input should be 'error',"),
    ],
)
def test_settings_that_mean_nothing(tmp_path: Path, setting: str, expected: str) -> None:
    ask(tmp_path, ASK.replace("GET", "POST"))
    write(tmp_path, {"pyproject.toml": f'{SETTINGS}emits-once = "note"\n{setting}\n'})
    code, printed = treaty("check", at=tmp_path)
    assert code == 1
    assert f"pyproject.toml:{expected}" in printed


def test_always_an_error_may_be_said(tmp_path: Path) -> None:
    found = replace(ask(tmp_path, ASK.replace("GET", "POST")), severity={"routes": "error"})
    assert said(found) == []


@pytest.mark.parametrize(
    "allowed",
    [
        ASK.replace("/ask\n", "/ask  # treaty: allow methods because an old client does\n"),
        ASK.replace("http", "# treaty: allow methods because an old client does\nhttp"),
        ASK.replace("http", "# treaty: allow methods because an old client does\n\n# and more\nhttp"),
        ASK.replace("http", "# treaty: allow methods because an old client does\nhttp").replace("\n", "\r\n"),
        "\ufeff" + ASK.replace("/ask\n", "/ask\t# treaty: allow methods because an old client does\n"),
    ],
)
def test_contracts_can_be_allowed(tmp_path: Path, allowed: str) -> None:
    assert said(ask(tmp_path, allowed)) == []


def test_an_allowance_is_for_one_line(tmp_path: Path) -> None:
    found = said(ask(tmp_path, f"# treaty: allow methods because an old client does\n{ASK}"))
    assert [line.partition(" `")[0] for line in found] == [
        "contracts/shop/ask.yaml:1:1 warning: suppression-unused",
        "contracts/shop/ask.yaml:6:7 methods GET must not change anything, and a command does.",
    ]


def test_what_stands_in_a_text_allows_nothing(tmp_path: Path) -> None:
    text = ASK.replace("Ask.", "|\n  Ask.\n  # treaty: allow methods because it is so\n")
    assert [problem.code for problem in examine(ask(tmp_path, text)).problems] == ["methods"]
    quoted = ASK.replace("Ask.", '"Ask # treaty: allow methods because it is so"')
    assert [problem.code for problem in examine(ask(tmp_path, quoted)).problems] == ["methods"]


def test_where_much_is_not_understood_nothing_is_unused(tmp_path: Path) -> None:
    write(tmp_path, {"contracts/shop/Color.yaml": "kind: type\n"})
    found = ask(tmp_path, ASK.replace("GET", "POST # treaty: allow methods because it is so\n#"))
    codes_ = {problem.code for problem in examine(found).problems}
    assert "suppression-unused" not in codes_


def test_only_with_a_day_anything_depends_on_it(tmp_path: Path) -> None:
    """Without one nothing is said, and nothing is said about what allows it either."""
    fixture = HERE / "rules/sunset-passed/bad"
    assert said(project(fixture)) == []
    text = (fixture / "contracts/shop/ask.yaml").read_text()
    allowed = text.replace("sunset:", "# treaty: allow sunset-passed because the till of 2019 asks\nsunset:")
    found = ask(tmp_path, allowed)
    assert examine(found).problems == examine(found, today=TODAY).problems == []
    assert [problem.code for problem in examine(found, today=date(2026, 9, 30)).problems] == ["suppression-unused"]
