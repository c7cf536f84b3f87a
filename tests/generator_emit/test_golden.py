"""Folders of contracts and the trees that they generate. `make golden-update` accepts what comes out now."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema_rs
import pytest
from behave.parser import parse_file  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.generator_emit import projects
from treaty.output.compare import compare

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir())
IMPORT_ALL = """
import importlib, pathlib
for path in sorted(pathlib.Path("generated").rglob("*.py")):
    importlib.import_module(".".join(path.with_suffix("").parts))
from sqlalchemy.orm import configure_mappers
configure_mappers()
import generated.app
generated.app.create_app()
"""


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Path:
    return GOLDEN / str(request.param)


@pytest.fixture(scope="module", params=CASES)
def completed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a golden project with its generated tree, and implementations that fit."""
    folder = projects.copy(GOLDEN / request.param, tmp_path_factory.mktemp("golden") / request.param)
    projects.complete(folder)
    return folder


def test_golden_tree(case: Path) -> None:
    files = projects.generated_files(case)
    difference = compare(case / "expected", {path: text.encode() for path, text in files.items()}, None)
    if os.environ.get("TREATY_GOLDEN_UPDATE"):
        projects.write(case / "expected", files)
        for path in difference.stale:
            (case / "expected" / path).unlink()
        return
    for path in difference.changed:
        assert files[path] == (case / "expected" / path).read_text(encoding="utf-8"), path
    assert not difference


def test_types_are_right(completed: Path) -> None:
    assert projects.mypy(completed) == ""


def test_lint_finds_nothing(completed: Path) -> None:
    assert projects.ruff(completed) == ""


def test_everything_can_be_imported(completed: Path) -> None:
    projects.python(completed, IMPORT_ALL)


def test_documents_are_valid(completed: Path) -> None:
    OpenAPIV31SpecValidator(json.loads((completed / "generated/openapi.json").read_bytes())).validate()
    for file in completed.glob("generated/**/*.schema.json"):
        jsonschema_rs.meta.validate(json.loads(file.read_bytes()))


def test_features_can_be_played(completed: Path) -> None:
    for file in (completed / "generated" / "features").rglob("*.feature"):
        feature = parse_file(str(file))
        assert feature.scenarios
        assert all(scenario.steps for scenario in feature.scenarios)
