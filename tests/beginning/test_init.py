"""`treaty init`: a whole project, or nothing at all. That it runs and verifies, test_wheels.py shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.support.project import MYPY_CACHE, Project
from treaty.beginning import BeginningError, project
from treaty.beginning.naming import name_of, named
from treaty.beginning.project import begin_project
from treaty.language_schema import language_schema
from treaty.source.reader import read

MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project as `treaty init` leaves it."""
    place = Project(tmp_path_factory.mktemp("beginning"))
    said = place.must("treaty", "init", "My-Shop")
    assert said.splitlines()[-2:] == ["  cd My-Shop", "  make test"]
    return Project(place.folder / "My-Shop", (".", "runtime"))


def test_nothing_is_left_to_do(begun: Project) -> None:
    assert "8 contracts, no problems." in begun.must("treaty", "check")
    said = begun.must("treaty", "generate", "--check")
    assert "is what the contracts say" in said
    assert "schema changed" not in said
    assert [path for path in begun.files("runtime/migrations") if path.endswith("_initial.py")]


def test_nothing_lies_beside_it(begun: Project) -> None:
    assert [path.name for path in begun.folder.parent.iterdir()] == ["My-Shop"]


def test_nothing_is_remembered_of_the_place_where_it_was_made(tmp_path: Path) -> None:
    begin_project(tmp_path / "fresh")
    assert not (tmp_path / "fresh" / ".treaty").exists()


def test_its_names_are_its_own(begun: Project) -> None:
    paths = begun.files().keys()
    assert {"contracts/my-shop/task.add.yaml", "runtime/my_shop/task.py", "generated/my_shop/task_add.py"} <= paths
    left = [
        path
        for path, content in begun.files().items()
        if b"PACKAGE" in content or b"NAMESPACE" in content or b"{{" in content or str(begun.folder).encode() in content
    ]
    assert left == []


def test_editors_find_the_schema_of_every_contract(begun: Project) -> None:
    validator = jsonschema_rs.Draft202012Validator(language_schema())
    contracts = sorted((begun.folder / "contracts").rglob("*.yaml"))
    assert len(contracts) > 5
    for contract in contracts:
        modeline = MODELINE.match(contract.read_text())
        assert modeline, contract
        assert (contract.parent / modeline[1]).resolve() == begun.folder / "contracts" / "contract.schema.json"
        document, _ = read(contract.name, contract.read_bytes())
        assert document
        assert validator.is_valid(document.data)
    said = begun.must("treaty", "schema", "--output", "again.json")
    assert said == "Wrote again.json.\n"
    assert begun.files()["again.json"] == begun.files()["contracts/contract.schema.json"]


@pytest.mark.parametrize("package", ["a", "zeitgeist_of_the_very_long_winter_nights"])
def test_what_people_write_in_it_is_in_order(tmp_path: Path, package: str) -> None:
    begin_project(tmp_path / "service", package)
    service = Project(tmp_path / "service", (".", "runtime"))
    service.must("ruff", "check", ".")
    service.must("ruff", "format", "--check", ".")
    service.must("mypy", "--cache-dir", str(MYPY_CACHE))


@pytest.mark.parametrize("present", [(), (".git/HEAD",)])
def test_an_empty_folder_is_filled(tmp_path: Path, present: tuple[str, ...]) -> None:
    for path in present:
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text("ref")
    place = Project(tmp_path)
    said = place.must("treaty", "init", ".", "--package", "shop")
    assert "cd " not in said
    assert "generated/app.py" in place.files()
    assert set(present) <= set(place.files())


@pytest.mark.parametrize(
    ("there", "target"),
    [("shop/notes.txt", "shop"), ("shop/.hidden", "shop"), ("shop", "shop"), ("file", "file/shop")],
)
def test_what_is_there_is_left_alone(tmp_path: Path, there: str, target: str) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine")
    place = Project(tmp_path)
    before = place.files()
    said = place.run("treaty", "init", target, "--package", "shop")
    assert said.returncode == 1
    assert re.search(r"Name a folder that is empty|/file can't be written: File exists\.", said.stdout), said.stdout
    assert said.stdout.count("\n") == 1
    assert place.files() == before


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "shop").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BeginningError, match="leads nowhere"):
        begin_project(tmp_path / "shop")


@pytest.mark.parametrize("package", ["Shop", "2fast", "my-shop", "a__b", "_a", "class", "ä", "", "a" * 41])
def test_names_that_python_cannot_use(package: str) -> None:
    with pytest.raises(BeginningError, match="can't name a package"):
        named(package)


@pytest.mark.parametrize("package", ["tests", "runtime", "generated", "treaty", "json", "email", "pydantic", "yaml"])
def test_names_that_are_taken(package: str) -> None:
    with pytest.raises(BeginningError, match=r"belongs to|installed already"):
        named(package)


@pytest.mark.parametrize(
    ("folder", "package"), [("demo", "demo"), ("My Shop!", "my_shop"), ("billing-2", "billing_2"), ("a__b", "a_b")]
)
def test_a_folder_suggests_a_name(folder: str, package: str) -> None:
    assert name_of(folder).package == package


@pytest.mark.parametrize("folder", ["2fast", "", "---", "日本", "tests"])
def test_a_folder_that_suggests_none_says_what_to_do(folder: str) -> None:
    with pytest.raises(BeginningError, match="--package"):
        name_of(folder)


@pytest.mark.parametrize("step", ["_write", "_generate", "_migrate", "_move"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=type)
def test_whatever_goes_wrong_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    monkeypatch.setattr(project, "_migrate", lambda _draft: False)

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(project, step, fail)
    with pytest.raises((BeginningError, KeyboardInterrupt), match=r"No space left.*Nothing was made|^$"):
        begin_project(tmp_path / "some" / "where" / "shop")
    assert list(tmp_path.iterdir()) == []


def test_half_a_move_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "_migrate", lambda _draft: False)
    rename = Path.rename

    def fail_at_the_runtime(self: Path, target: Path) -> Path:
        if self.name == "runtime":
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_at_the_runtime)
    (tmp_path / "shop").mkdir()
    with pytest.raises(BeginningError, match="Nothing was made"):
        begin_project(tmp_path / "shop")
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == ["shop"]


def test_what_a_killed_run_left_behind_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "_migrate", lambda _draft: False)
    (tmp_path / ".shop.treaty-unfinished" / "contracts").mkdir(parents=True)
    begin_project(tmp_path / "shop")
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
