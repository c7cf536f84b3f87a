"""After any edit a run makes and says what a run over everything does, even where it reads a part of the contracts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bench.contract_sets import write_set
from treaty.check import examine
from treaty.diagnostics import Diagnostic
from treaty.emit.origins import origins
from treaty.format import Formatter
from treaty.freshness import RECORD
from treaty.generate import Generated, generate, made
from treaty.incremental.splice import spliced
from treaty.output.manifest import NAME, digests, manifest_text
from treaty.progress import observed
from treaty.project import Project

CONTRACTS = 30
AREA = "contracts/area0/part0"
FEATURE = """\
Feature: more

  Scenario: a visit
    Given An account of area0.part0 with a visit
    When A visit of area0.part0 is recorded
    Then The visit of area0.part0 is stored

  Scenario: the visits of another area
    When area0.part1.visit.list is sent
    Then Its total is nothing
"""
ITS_TOTAL = """\
  - then: Its total is nothing
    expect: {output: {total: 0}}
"""
TENANT = """\
kind: entity
key: area0.part1.Tenant
version: 1.0.0
owners: ["@example.team"]
description: Who has rows of their own.
tenant: id
fields:
  id: {type: uuid, primary: true}
  name: {type: string, maxLength: 64}
"""
OLDER = "contracts/area0/part2/visit.list@1.yaml"


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was generated: with folders' own words, a feature file, a tenant, an older version."""
    folder = write_set(tmp_path_factory.mktemp("project"), CONTRACTS)
    (folder / "contracts/_defaults.yaml").write_text("tags: [all]\n")
    (folder / "features/area0/part0").mkdir(parents=True)
    (folder / "features/area0/part0/more.feature").write_text(FEATURE)
    (folder / "contracts/area0/part1/Tenant.yaml").write_text(TENANT)
    with (folder / f"{AREA}/phrases.yaml").open("a") as phrases:
        phrases.write(ITS_TOTAL)
    newest = folder / "contracts/area0/part2/visit.list.yaml"
    (folder / OLDER).write_text(newest.read_text().replace("/part2/visit/", "/part2/visits/"))
    newest.write_text(newest.read_text().replace("version: 1.0.0", "version: 2.0.0"))
    assert not run(folder)[0].problems
    return folder


@pytest.fixture
def folder(beginning: Path, tmp_path: Path) -> Iterator[Path]:
    """The project, which is as it was again when a test is over."""
    contents = tmp_path / "before"
    for name in ("contracts", "features"):
        shutil.copytree(beginning / name, contents / name)
    settings = (beginning / "pyproject.toml").read_bytes()
    before = tree(beginning)
    yield beginning
    for name in ("contracts", "features"):
        shutil.rmtree(beginning / name)
        shutil.copytree(contents / name, beginning / name)
    (beginning / "pyproject.toml").write_bytes(settings)
    generate(Project.find(beginning), write=True, force=True)
    assert tree(beginning) == before
    assert (beginning / RECORD).is_file()


def run(folder: Path) -> tuple[Generated, int]:
    """What came of a run, and how many contracts it read at last."""
    with observed() as stages:
        generated = generate(Project.find(folder), write=True)
    return generated, [stage.total for stage in stages if stage.name == "understanding"][-1]


def tree(folder: Path) -> dict[str, bytes]:
    """What was generated."""
    output = folder / "generated"
    return {file.relative_to(output).as_posix(): file.read_bytes() for file in output.rglob("*") if file.is_file()}


def cold(folder: Path) -> tuple[list[Diagnostic], dict[str, bytes] | None]:
    """All problems, and what a run over everything makes when there are none."""
    project = Project.find(folder)
    checked = examine(project)
    if checked.errors:
        return checked.problems, None
    files = made(checked.model, project, Formatter(folder / "nothing"))
    known = {path: origin.paths for path, origin in origins(checked.model).items() if path in files}
    return checked.problems, files | {NAME: manifest_text(digests(files), known)}


def replaced(path: str, old: str, new: str) -> Callable[[Path], None]:
    """An edit of one file."""

    def edit(folder: Path) -> None:
        text = (folder / path).read_text()
        assert old in text
        (folder / path).write_text(text.replace(old, new, 1))

    return edit


def moved(path: str, to: str, *, key: tuple[str, str]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        (folder / path).rename(folder / to)
        replaced(to, *key)(folder)

    return edit


def renamed_total(path: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        (folder / path).write_text((folder / path).read_text().replace("total:", "sum:"))

    return edit


VISIT = f"{AREA}/visit.record.yaml"
# What is told from a part of the contracts.
PARTLY = {
    "a description": replaced(VISIT, "Record a visit of", "Note a visit of"),
    "a bound": replaced(VISIT, "maximum: 1000000", "maximum: 2000000"),
    "a field more": replaced(VISIT, "output:\n", "output:\n  more: {type: optional string}\n"),
    "a field less": replaced(VISIT, "  labels: {", "  # labels: {"),
    "a field that may be absent": replaced(VISIT, "city: {type: string", "city: {type: optional string"),
    "a policy": replaced(VISIT, "requests: 600", "requests: 500"),
    "an example's request": replaced(VISIT, "quantity: 1, idempotencyKey: a-1", "quantity: 7, idempotencyKey: a-1"),
    "an event": replaced(f"{AREA}/visit.recorded.yaml", "A visit was recorded", "A visit was noted"),
    "a column": replaced(f"{AREA}/Visit.yaml", "default: now}", "default: now}\n  more: {type: optional integer}"),
    "a type that others use": replaced(f"{AREA}/Status.yaml", "Nothing is to be done", "All is done"),
    "a value of a type": replaced(f"{AREA}/Status.yaml", "values:\n", "values:\n  lost: Nobody knows.\n"),
    "the newest version": replaced("contracts/area0/part2/visit.list.yaml", "List the visit", "Show the visit"),
    "an older version": replaced(OLDER, "List the visit", "Show the visit"),
    "nothing": replaced(VISIT, "kind: command\n", "kind: command\n# A remark.\n"),
}
# What only a run over everything tells.
WHOLLY = {
    "a route": replaced(VISIT, "/part0/visit ->", "/part0/visits ->"),
    "an error more": replaced(VISIT, "errors:\n", "errors:\n  more: More.\n"),
    "a sentence": replaced(VISIT, "- 3 earlier", "- 4 earlier"),
    "a phrase": replaced(f"{AREA}/phrases.yaml", "with a visit of", "that has a visit of"),
    "what a phrase does": replaced(f"{AREA}/phrases.yaml", "quantity: 1", "quantity: 2"),
    "what folders say": replaced("contracts/_defaults.yaml", "[all]", "[every]"),
    "a feature file": replaced("features/area0/part0/more.feature", "more", "some"),
    "the project": replaced("pyproject.toml", "Benchmark", "Mark"),
    "a contract less": lambda folder: (folder / f"{AREA}/visit.list.yaml").unlink(),
    "a contract renamed": moved(
        f"{AREA}/order.list.yaml",
        f"{AREA}/order.all.yaml",
        key=("key: area0.part0.order.list", "key: area0.part0.order.all"),
    ),
    "an example that ends otherwise": replaced(VISIT, "error: account_unknown\n", "error: account_closed\n"),
    "a broken text": replaced(VISIT, "goal: ", "goal: : "),
    "an unknown type": replaced(f"{AREA}/visit.recorded.yaml", "type: Status", "type: Statuses"),
    "a table's name taken": replaced(
        f"{AREA}/visit.recorded.yaml", "payload:", "type: area0.part0.order.recorded\npayload:"
    ),
    "a field that a phrase needs": replaced(f"{AREA}/Visit.yaml", "  quantity: {", "  quantum: {"),
    "a field that a request in a phrase has": replaced(VISIT, "  quantity: {", "  quantum: {"),
    "what a feature file looks at": renamed_total("contracts/area0/part1/visit.list.yaml"),
    "the tenant": replaced("contracts/area0/part1/Tenant.yaml", "tenant: id\n", ""),
}


@pytest.mark.parametrize("edit", [*PARTLY, *WHOLLY])
def test_after_an_edit(folder: Path, edit: str) -> None:
    before = tree(folder)
    (PARTLY | WHOLLY)[edit](folder)
    generated, read = run(folder)
    problems, files = cold(folder)
    assert (generated.problems or generated.warnings) == problems
    assert tree(folder) == (before if files is None else files)
    assert files is None or generated.count == len(files) - 1
    assert (read < CONTRACTS) == (edit in PARTLY)


def test_one_edit_after_the_other(folder: Path) -> None:
    """What a part of a run remembers is as good as what a whole one does."""
    for edit in PARTLY.values():
        edit(folder)
        assert not run(folder)[0].problems
    assert tree(folder) == cold(folder)[1]


def test_broken_and_mended(folder: Path) -> None:
    before, text = tree(folder), (folder / VISIT).read_text()
    (folder / VISIT).write_text(text.replace("type: Status", "type: Statuses"))
    assert run(folder)[0].problems
    (folder / VISIT).write_text(text)
    generated, read = run(folder)
    assert not generated.problems
    assert read < CONTRACTS
    assert tree(folder) == before


@pytest.mark.parametrize("memory", ["", "{", "[]", '{"contracts": {"a": []}}', '{"contracts": {}}', "1"])
def test_a_damaged_memory_is_ignored(folder: Path, memory: str) -> None:
    first, _ = (folder / RECORD).read_text().split("\n", 1)
    (folder / RECORD).write_text(f"{first}\n{memory}")
    replaced(VISIT, "Record a visit of", "Note a visit of")(folder)
    generated, read = run(folder)
    assert not generated.problems
    assert read > CONTRACTS
    assert b"Note a visit of" in (folder / "generated/area0/part0/visit_record.py").read_bytes()


def test_what_was_edited_by_hand_is_found(folder: Path) -> None:
    replaced(VISIT, "Record a visit of", "Note a visit of")(folder)
    replaced("generated/area0/part0/visit_record.py", "Record a visit of", "Look at a visit of")(folder)
    generated, _ = run(folder)
    assert generated.refused


def test_documents_are_changed_where_they_must_be() -> None:
    document = {"a": {"x": {"p": 1, "q": [1]}, "y": {}}, "b": {"x": 2}}
    part = {"a": {"x": {"q": {"n": [2]}}}, "b": {"x": 3}}

    def text(value: object) -> bytes:
        return (json.dumps(value, indent=2) + "\n").encode()

    places = (("a", None, None), ("b", None))
    wanted = {"a": {"x": {"p": 1, "q": {"n": [2]}}, "y": {}}, "b": {"x": 3}}
    assert spliced(text(document), text(part), places) == text(wanted)
    assert spliced(text(document), text({"a": {"z": {"p": 1}}}), places) is None
    assert spliced(text(document), text({"a": {"y": {"p": 1}}}), places) is None
    assert spliced(text(document), text({"c": {"y": {"p": 1}}}), places) == text(document)
