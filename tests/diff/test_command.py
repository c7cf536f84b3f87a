"""The command itself: what it compares, what it prints, what it answers to the shell."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.diff.shops import NAME, sell, shop
from tests.support.sarif import check_sarif
from treaty.cli import application
from treaty.diff.catalogue import classes

WITH_PRICE = f"{NAME}  price: decimal\n"
WITH_NOTE = f"{NAME}  note: optional string\n"


def treaty(*arguments: str | Path) -> Result:
    return CliRunner().invoke(application(), ["diff", *map(str, arguments)])


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project below a repository's root, with one commit, `v1.0.0`."""
    for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(variable, raising=False)
    root = tmp_path / "repository"
    project = shop(root / "services" / "shop", sell=sell())
    # What an archive would leave out, or change, is still what was committed.
    (root / ".gitattributes").write_text("*.yaml export-ignore text eol=crlf\n")
    git(tmp_path, "init", str(root))
    git(root, "add", ".")
    git(root, "commit", "-m", "First")
    git(root, "tag", "v1.0.0")
    monkeypatch.chdir(project)
    return project


def test_the_working_tree_with_the_last_commit(repository: Path) -> None:
    assert treaty().output == "From HEAD to the working tree nothing changed that a reader depends on.\n"
    shop(repository, sell=sell(fields=WITH_PRICE))
    result = treaty()
    assert result.exit_code == 1
    assert result.output == (
        "API callers: 1 breaking\n"
        "\n"
        "  breaking: D201 input-field-added-required\n"
        "    Who calls as before does not send it and is refused with 422.\n"
        "    contracts/shop/sell.yaml:9:3 `price` in the input is new, and required.\n"
        "\n"
        "1 change from HEAD to the working tree: 1 breaking.\n"
    )


def test_two_revisions_and_a_revision_with_a_folder(repository: Path) -> None:
    shop(repository, sell=sell(fields=WITH_PRICE))
    git(repository, "commit", "-a", "-m", "Second")
    assert treaty("v1.0.0", "HEAD").exit_code == 1
    assert treaty("v1.0.0", ".").exit_code == 1
    assert treaty("HEAD", "v1.0.0").output.startswith("API callers: 1 breaking\n\n  breaking: D203 input-field-removed")
    assert "contracts/shop/sell.yaml:9:3 (in HEAD) `price`" in treaty("HEAD", "v1.0.0").output
    assert treaty("HEAD").exit_code == 0


def test_where_a_branch_left_another(repository: Path) -> None:
    git(repository, "switch", "-c", "work")
    git(repository, "switch", "main")
    shop(repository, sell=sell(version="2.0.0", fields=WITH_PRICE))
    git(repository, "commit", "-a", "-m", "Main went on")
    git(repository, "switch", "work")
    assert treaty("main").exit_code == 1
    assert treaty("main...").output == "From main... to the working tree nothing changed that a reader depends on.\n"


def test_a_project_elsewhere(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shop(repository, sell=sell(fields=WITH_PRICE))
    assert treaty("--project", repository).exit_code == 1


def test_folders_need_neither_project_nor_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    old, new = shop(tmp_path / "old", sell=sell()), shop(tmp_path / "new", sell=sell(fields=WITH_PRICE))
    for folder in (old, new):
        (folder / "pyproject.toml").write_text('[project]\nname = "other"\n' if folder is old else "[tool.other]\n")
    for sides in ((old, new), ("old", "new"), (old / "contracts", new / "contracts"), (old, new / "contracts")):
        result = treaty(*sides)
        assert result.exit_code == 1
        assert "`price` in the input is new" in result.output
    (tmp_path / "old" / "contracts").rename(tmp_path / "promises")
    assert "`price` in the input is new" in treaty("promises", "new").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "`nowhere` is neither a folder nor a revision of this repository."),
        (("\x1b[31mred",), "`\\x1b[31mred` is neither a folder nor a revision of this repository."),
        (("--", "--output=x"), "`--output=x` is neither a folder nor a revision of this repository."),
        (("pyproject.toml",), "`pyproject.toml` is a file."),
        (("HEAD", "empty"), "There are no contracts in `empty`."),
        (("before",), "At `before` there was no project here: no pyproject.toml with [tool.treaty]."),
        (("other...",), "HEAD and `other` have no commit in common."),
        (("x" * 5000,), "neither a folder nor a revision of this repository."),
    ],
)
def test_what_cannot_be_compared(repository: Path, arguments: tuple[str, ...], said: str) -> None:
    (repository / "empty").mkdir()
    git(repository, "switch", "--orphan", "other")
    git(repository, "commit", "--allow-empty", "-m", "Nothing")
    git(repository, "tag", "before")
    git(repository, "switch", "main")
    (repository / "empty").mkdir(exist_ok=True)
    result = treaty(*arguments)
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert said in result.output


def test_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.chdir(shop(tmp_path / "shop", sell=sell()))
    result = treaty()
    assert result.exit_code == 1
    assert f"{tmp_path / 'shop'} is in no git repository" in result.output
    monkeypatch.setenv("PATH", "")
    assert "git can't be run, and it knows the revisions." in treaty().output


def test_before_the_first_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop(tmp_path / "shop", sell=sell()))
    git(tmp_path / "shop", "init")
    assert "`HEAD` is neither a folder nor a revision" in treaty().output


def test_a_side_that_does_not_check(tmp_path: Path) -> None:
    good, bad = shop(tmp_path / "good", sell=sell()), shop(tmp_path / "bad", sell=sell(more="prise: 1\n"))
    result = treaty(bad, good)
    assert result.exit_code == 1
    assert f"OLD, {bad}, does not check. What can't be understood is not compared.\n" in result.output
    assert "contracts/shop/sell.yaml:5:1 word-unknown The language has no word `prise`." in result.output
    assert f"NEW, {bad}, does not check." in treaty(good, bad).output
    (bad / "pyproject.toml").write_text("[tool.treaty]\ntitle = 5\n")
    assert f"project-invalid NEW, {bad}: [tool.treaty] `title`" in treaty(good, bad).output
    assert f"project-invalid OLD, {bad}: [tool.treaty] `title`" in treaty(bad, good).output


def test_old_may_break_rules_that_were_made_since(tmp_path: Path) -> None:
    unproven = sell() + "errors:\n  sold_out: Nothing is left.\n"
    old, new = shop(tmp_path / "old", sell=unproven), shop(tmp_path / "new", sell=sell(version="1.1.0"))
    assert treaty(old, new).exit_code == 0
    assert treaty(new, old).exit_code == 1


PHRASES = """\
kind: vocabulary
key: shop.phrases
version: 1.0.0
description: What is said.
phrases:
  - given: it is {}
    do: {{clock: '{{moment}}'}}
"""


def test_a_phrase_whose_braces_are_out_of_order(tmp_path: Path) -> None:
    good = shop(tmp_path / "good", sell=sell(), phrases=PHRASES.format("{moment}"))
    bad = shop(tmp_path / "bad", sell=sell(), phrases=PHRASES.format("{moment now"))
    unclear = treaty(good, bad)
    assert "phrase-pattern This wording is no pattern" in unclear.output
    for result in (unclear, treaty(bad, good), treaty(bad, bad)):
        assert isinstance(result.exception, SystemExit | None)
        assert "nothing changed that a reader depends on." in result.output, "it may be the same"


def test_fail_on(tmp_path: Path) -> None:
    old, new = shop(tmp_path / "old", sell=sell()), shop(tmp_path / "new", sell=sell(fields=WITH_NOTE))
    assert "1 risky, 1 safe" in treaty(old, new).output
    assert treaty(old, new).exit_code == 0
    assert treaty(old, new, "--fail-on", "risky").exit_code == 1
    assert treaty(old, new, "--fail-on", "anything").exit_code == 2


def test_texts_are_shown_when_asked_for(tmp_path: Path) -> None:
    old = shop(tmp_path / "old", sell=sell())
    new = shop(tmp_path / "new", sell=sell().replace("Sell something", "Sell anything"))
    assert "1 change of texts not shown (--all)." in treaty(old, new).output
    assert "safe: D010 text-changed" in treaty(old, new, "--all").output


def test_json(tmp_path: Path) -> None:
    old, new = shop(tmp_path / "old", sell=sell()), shop(tmp_path / "new", sell=sell(fields=WITH_PRICE))
    result = treaty(old, new, "--format", "json")
    assert result.exit_code == 1
    said = json.loads(result.output)
    assert said["counts"] == {"breaking": 1, "risky": 0, "safe": 0}
    assert said["old"] == {"name": str(old), "problems": []}
    (change,) = said["changes"]
    assert change == {
        "id": "D201",
        "name": "input-field-added-required",
        "reader": "callers",
        "severity": "breaking",
        "classSeverity": "breaking",
        "key": "shop.sell",
        "through": None,
        "side": "new",
        "path": "contracts/shop/sell.yaml",
        "line": 9,
        "column": 3,
        "message": "`price` in the input is new, and required.",
        "reason": "Who calls as before does not send it and is refused with 422.",
        "scenarios": [],
        "note": None,
        "allowed": None,
    }


def test_sarif(repository: Path) -> None:
    shop(repository, sell=sell(version="1.0.1", fields="  note: optional string\n"))
    result = treaty("HEAD", "--format", "sarif", "--all")
    assert result.exit_code == 1
    document = json.loads(result.output)
    check_sarif(document)
    (run,) = document["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules["D203"]["fullDescription"]["text"].endswith("who still sends it is refused with 422.")
    assert [(item["ruleId"], item["level"]) for item in run["results"]] == [
        ("D030", "note"),
        ("D203", "error"),
        ("D202", "note"),
        ("D032", "warning"),
    ]
    # What is gone stands nowhere in the new file.
    gone = run["results"][1]
    assert gone["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 1}
    assert "It stood in line 8 of HEAD." in gone["message"]["text"]


def test_github(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(repository.parents[1]))
    shop(repository, sell=sell(fields=WITH_PRICE))
    with (repository / "pyproject.toml").open("a") as file:
        file.write('[[tool.treaty.diff.allow]]\nid = "D203"\nkey = "x"\nreason = "y"\nuntil = 2999-01-01\n')
    git(repository, "commit", "-a", "-m", "Second")
    result = treaty("v1.0.0", "HEAD", "--format", "github")
    assert result.exit_code == 1
    changed, notice = result.output.splitlines()
    assert changed == (
        "::error file=services/shop/contracts/shop/sell.yaml,line=9,col=3,title=D201::`price` in the input is new, and "
        "required.%0AWho calls as before does not send it and is refused with 422. It concerns shop.sell."
    )
    assert notice == (
        "::warning file=services/shop/pyproject.toml,line=4,col=1,title=allowance-unused::The allowance for D203 of x "
        "lets nothing pass: there is no such change.%0ADelete it."
    )


def test_every_class_is_explained() -> None:
    for item in classes().values():
        for word in (item.id, item.name):
            said = CliRunner().invoke(application(), ["explain", word]).output
            assert said.startswith(f"{item.id} {item.name}: {item.severity.value}\n")
            assert item.reason in said
