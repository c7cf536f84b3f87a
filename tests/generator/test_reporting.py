"""How diagnostics are shown: to people with a caret, to programs as JSON, SARIF and GitHub's annotations."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.generator.checking import check, write
from tests.generator.test_command import COLOR, PROJECT, TREATY, treaty
from tests.support.sarif import check_sarif
from treaty.commands.common import NOWHERE
from treaty.diagnostics import Diagnostic, Location, Severity
from treaty.fixing.regions import Regions
from treaty.reporting.codes import codes
from treaty.reporting.formats import as_github, as_json
from treaty.reporting.lines import TAB, Files, pointed, printable
from treaty.reporting.sarif import as_sarif
from treaty.reporting.text import count, lines

PROBLEM = Diagnostic(Location("contracts/a b,c/x.yaml", 2, 3), "key-path", "50% of: a, b\nand ü.", "Mend\rit.")


@pytest.mark.parametrize(
    ("line", "column", "shown", "below"),
    [
        ("vlaues: [red]", 1, "vlaues: [red]", "^"),
        ("a: b", 4, "a: b", "   ^"),
        ("\ta:\tb", 5, "    a:    b", "          ^"),
        ("日本: b", 5, "日本: b", "      ^"),
        ("e\u0301e\u0301: b", 7, "e\u0301e\u0301: b", "    ^"),
        ("a\x1b[31m: b", 9, "a\\x1b[31m: b", "           ^"),
        ("a: b", 99, "a: b", "    ^"),
        ("", 1, "", "^"),
    ],
)
def test_the_caret_stands_below_the_column(line: str, column: int, shown: str, below: str) -> None:
    assert pointed(line, column, 80) == (shown, below)


@pytest.mark.parametrize("column", [1, 2, 39, 40, 41, 500, 999, 1000])
@pytest.mark.parametrize("filler", ["x", "日", "\t", "\u202e"])
def test_long_lines_are_cut_around_the_column(column: int, filler: str) -> None:
    line = filler * (column - 1) + "!" + filler * (1000 - column)
    shown, below = pointed(line, column, 80)
    assert cell_len(shown) <= 80
    before, _, after = shown.partition("!")
    assert cell_len(before) == len(below) - 1
    assert before.startswith("…") is (cell_len(printable(filler).replace("\t", TAB)) * (column - 1) > 52)
    assert after.endswith("…") is (column < 999)


def test_a_text_does_nothing_to_a_terminal() -> None:
    assert printable("a\x1b[2J\u202eü\n") == "a\\x1b[2J\\u202eü\\n"


def test_lines_of_yaml_end_where_its_reader_says(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "\ufeffa: 1\u2028b: 2\x85c: 3\r\nd: 4\re: 5\n", "a.feature": "a\u2028b\r\nc"})
    files = Files(tmp_path)
    assert [files.line(Location("a.yaml", number)) for number in range(1, 8)] == [
        *("a: 1", "b: 2", "c: 3", "d: 4", "e: 5", ""),
        None,
    ]
    assert files.line(Location("a.feature", 2)) == "c"
    assert files.line(Location("gone.yaml")) is None
    assert files.line(Location(".")) is None


def test_people_read_warnings_as_such(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a: b\n"})
    problems = [
        Diagnostic(Location("a.yaml", 1, 4), "a-b", "Wrong.", "Mend it."),
        Diagnostic(Location("a.yaml", 9, 4), "a-b", "Odd.", "Look.", Severity.WARNING),
    ]
    printed = ["".join(piece for piece, _ in line) for line in lines(problems, Files(tmp_path))]
    assert printed == [
        "a.yaml:1:4 a-b Wrong.",
        "    a: b",
        "       ^",
        "    Mend it.",
        "a.yaml:9:4 warning: a-b Odd.",
        "    Look.",
    ]
    assert count(problems) == "1 problem, 1 warning."
    assert count([*problems, *problems]) == "2 problems, 2 warnings."


def on_terminal(at: Path, **environment: str) -> str:
    """What `treaty check` prints on a terminal."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "CI")}
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [TREATY, "check"], cwd=at, stdout=follower, stderr=follower, env=kept | {"TERM": "xterm-256color"} | environment
    ):
        os.close(follower)
        printed = b""
        while True:
            try:
                read = os.read(leader, 4096)
            except OSError:  # the other end was closed
                break
            if not read:
                break
            printed += read
    os.close(leader)
    return printed.decode()


def test_colours_on_terminals_only(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": PROJECT, "contracts/shop/Color.yaml": COLOR.replace("values", "vlaues")})
    coloured, plain = on_terminal(tmp_path), on_terminal(tmp_path, NO_COLOR="1")
    assert "\x1b[1;31mword-unknown\x1b[0m" in coloured
    assert "\x1b[31m" not in plain
    assert "31m" not in plain
    assert "word-unknown The language has no word `vlaues`." in plain.replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert "\x1b" not in treaty("check", at=tmp_path)[1]


def test_github_annotations_are_escaped() -> None:
    (line,) = as_github([PROBLEM], "service/")
    place, _, message = line.rpartition("::")
    assert place == "::error file=service/contracts/a b%2Cc/x.yaml,line=2,col=3,title=key-path"
    assert message == "50%25 of: a, b%0Aand ü.%0AMend%0Dit."


def test_json() -> None:
    document = json.loads(as_json([PROBLEM], Regions(NOWHERE)))
    assert document["counts"] == {"error": 1, "warning": 0, "note": 0}
    assert document["problems"] == [
        {
            "path": PROBLEM.at.path,
            "line": 2,
            "column": 3,
            "code": "key-path",
            "severity": "error",
            "message": PROBLEM.message,
            "hint": PROBLEM.hint,
            "fix": None,
        }
    ]


def misspelt(root: Path) -> list[Diagnostic]:
    """Two contracts with one problem each: one with its mend, in quotes, and one whose mend fits nothing."""
    color = COLOR.replace("values", "'vlaues'")
    write(root, {"contracts/shop/Color.yaml": color, "contracts/shop/Size.yaml": COLOR.replace("Color", "Sise")})
    first, second = check(root)
    write(root, {"contracts/shop/Size.yaml": "key: other\n"})
    return [first, second]


def test_mends_for_programs(tmp_path: Path) -> None:
    first, second = json.loads(as_json(misspelt(tmp_path), Regions(tmp_path)))["problems"]
    edit = {"line": 5, "column": 2, "endLine": 5, "endColumn": 8, "text": "values"}
    assert first["fix"] == {"title": "write `values` for `vlaues`", "edits": [edit]}
    assert second["fix"] is None


def test_sarif_keeps_to_its_schema(tmp_path: Path) -> None:
    unknown = Diagnostic(Location("pyproject.toml"), "other", "Odd.", "Look.", Severity.NOTE)
    problems = [PROBLEM, unknown, *misspelt(tmp_path)]
    document = json.loads(as_sarif(problems, codes(), Regions(tmp_path), "service/"))
    check_sarif(document)
    run = document["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "service/contracts/a%20b%2Cc/x.yaml"
    assert [run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [
        "key-path",
        "other",
        "word-unknown",
        "key-path",
    ]
    assert [result["level"] for result in run["results"]] == ["error", "note", "error", "error"]
    assert ["fixes" in result for result in run["results"]] == [False, False, True, False]
    (change,) = run["results"][2]["fixes"][0]["artifactChanges"]
    region = {"startLine": 5, "startColumn": 2, "endLine": 5, "endColumn": 8}
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": "values"}}]


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_formats_as_they_are_typed(tmp_path: Path, form: str) -> None:
    wrong = {"pyproject.toml": PROJECT, "contracts/shop/Color.yaml": COLOR.replace("values", "vlaues")}
    write(tmp_path / "service", wrong)
    code, printed = treaty("check", "--format", form, at=tmp_path / "service", GITHUB_WORKSPACE=str(tmp_path))
    assert code == 1
    assert "word-unknown" in printed
    assert ("service/contracts/shop/Color.yaml" in printed) is (form != "json")
    write(tmp_path / "service", {"contracts/shop/Color.yaml": COLOR})
    code, printed = treaty("check", "--format", form, at=tmp_path / "service")
    assert code == 0
    if form == "github":
        assert printed == ""
    else:
        assert json.loads(printed)
    code, printed = treaty("check", "--format", form, at=Path("/"))
    assert code == 1
    assert "project-missing" in printed
