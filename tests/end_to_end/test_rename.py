"""The story of the README: rename an output field, be told what no longer fits, mend it, see the service follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import ROOT, Project

CONTRACT = "contracts/saas/billing/usage.record.yaml"
PHRASES = "contracts/saas/billing/phrases.yaml"
FIELD = "  recorded: {type: boolean"
# The only modules that the field stands in.
CONCERNED = [
    ".treaty-manifest.json",
    "features/saas/billing/usage.record.feature",
    "openapi.json",
    "saas/billing/phrases.py",
    "saas/billing/usage_record.py",
]


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the project in which `usage.record` answers `accepted` instead of `recorded`."""
    names = ("contracts", "features", "generated", "runtime", "pyproject.toml")
    project = Project.copy(ROOT, tmp_path_factory.mktemp("renamed") / "project", names, (".", "runtime"))
    project.must("treaty", "generate", "--check")
    contract = project.folder / CONTRACT
    assert contract.read_text().count(FIELD) == 1
    contract.write_text(contract.read_text().replace(FIELD, FIELD.replace("recorded", "accepted")))
    return project


def outputs(project: Project) -> Iterator[tuple[Path, int, int]]:
    """File, line and column of each `recorded:` in an example's output or a phrase's expectation.

    Where it is a count, it is another operation's.
    """
    for name in (CONTRACT, PHRASES):
        for number, line in enumerate((project.folder / name).read_text().splitlines(), start=1):
            if found := re.search(r"output: \{(recorded): (?:true|false)\b", line):
                yield Path(name), number, found.start(1) + 1


def test_every_place_is_pointed_at(renamed: Project) -> None:
    places = {f"{name}:{line}:{column}" for name, line, column in outputs(renamed)}
    assert len({place.split(":")[0] for place in places}) == 2, "examples and phrases both"
    assert len(places) == 6
    before = renamed.files("generated")
    for command in (["check"], ["generate"], ["generate", "--check"]):
        said = renamed.run("treaty", *command)
        assert said.returncode == 1
        assert set(re.findall(r"^(contracts/\S+:\d+:\d+) \S+ .*`recorded`", said.stdout, re.MULTILINE)) == places
        assert said.stdout.rstrip().endswith(f"{len(places)} problems."), said.stdout
    assert renamed.files("generated") == before, "nothing is written while anything is wrong"


def test_after_mending_only_what_is_concerned_changes(renamed: Project) -> None:
    mend(renamed)
    before = renamed.files("generated")
    assert renamed.run("treaty", "generate", "--check").returncode == 1
    assert renamed.files("generated") == before, "--check only looks"
    renamed.must("treaty", "generate")
    after = renamed.files("generated")
    assert after.keys() == before.keys()
    assert [path for path in after if after[path] != before[path]] == CONCERNED
    renamed.must("treaty", "generate", "--check")


def test_types_point_at_the_implementation(renamed: Project) -> None:
    mend(renamed)
    renamed.must("treaty", "generate")
    said = renamed.mypy("generated", "runtime/saas")
    assert said.returncode == 1
    complaints = re.findall(r"^(\S+?):\d+: error: (.*)$", said.stdout, re.MULTILINE)
    assert {file for file, _ in complaints} == {"runtime/saas/billing/usage.py"}, said.stdout
    assert any('"recorded"' in complaint and "UsageRecordOutput" in complaint for _, complaint in complaints)


def mend(project: Project) -> None:
    """Write the new name wherever `treaty check` pointed."""
    for name, number, column in list(outputs(project)):
        lines = (project.folder / name).read_text().splitlines(keepends=True)
        line = lines[number - 1]
        lines[number - 1] = line[: column - 1] + line[column - 1 :].replace("recorded", "accepted", 1)
        (project.folder / name).write_text("".join(lines))
