"""What is generated for a library: typed, importable, and with every text intact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.lending.conftest import copied
from tests.support.project import Project

TRICKY = 'Lend a copy: {copy} -> "reader" \\ {{ reader }} — für eine Weile.'
GOAL = 'Readers "read"; librarians don\'t search. {% if x %}{{ y }}{% endif %} C:\\new\\table'
CONTEXT = "\"\"\" This line tries to leave the docstring; \\N{DASH} and \\x41 try too. '''"


def document(project: Project) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((project.folder / "generated" / "openapi.json").read_bytes())
    return loaded


def test_nothing_differs_the_second_time(project: Project) -> None:
    before = project.files("generated")
    project.must("treaty", "generate", "--check")
    project.must("treaty", "generate")
    assert project.files("generated") == before


def test_types_are_right(project: Project) -> None:
    said = project.mypy("generated", "lending", "features")
    assert said.returncode == 0, said.stdout


def test_a_wrong_implementation_is_pointed_at(project: Project, tmp_path: Path) -> None:
    copy = Project.copy(project.folder, tmp_path / "copy", ("generated", "lending", "pyproject.toml"))
    status = copy.folder / "lending" / "status.py"
    status.write_text(status.read_text().replace("_: StatusInput", "_: int"))
    said = copy.mypy("generated", "lending")
    assert said.returncode == 1, said.stdout
    assert "generated/app.py" in said.stdout


def test_code_is_formatted(project: Project) -> None:
    project.must("ruff", "format", "--check", "--line-length", "120", "generated")


def test_the_document_is_valid(project: Project) -> None:
    OpenAPIV31SpecValidator(document(project)).validate()


def test_event_schemas_are_valid(project: Project) -> None:
    schemas = sorted((project.folder / "generated" / "lending").glob("*.schema.json"))
    assert [schema.name for schema in schemas] == [
        "loan_returned.schema.json",
        "loan_started.schema.json",
        "loan_started_v1.schema.json",
    ]
    for schema in schemas:
        loaded = json.loads(schema.read_bytes())
        assert loaded["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        jsonschema_rs.Draft202012Validator(loaded)


def test_texts_are_intact(project: Project) -> None:
    described = document(project)
    assert described["info"]["title"] == 'Lending "books" {{ and }} {more} \\ Bücher 📚'
    operation = described["paths"]["/lending/loans"]["post"]
    assert TRICKY in (operation.get("summary", ""), operation["description"].splitlines()[0])
    assert GOAL in operation["description"]
    assert CONTEXT in operation["description"]
    said = project.must(
        "python", "-c",
        "import json, generated.lending.loan_start as m, generated.lending.language as n;"
        "print(json.dumps([m.__doc__, m.CopyOnLoan.title, [v.value for v in n.Language]]))",
    )  # fmt: skip
    doc, title, languages = json.loads(said)
    assert TRICKY in doc
    assert GOAL in doc
    assert CONTEXT in doc
    assert title == 'Somebody else {has} it until "later" \\o/.'
    assert languages == ["en", "de", "no", "is", "in"]


def test_features_hold_every_promise(project: Project) -> None:
    feature = (project.folder / "generated/features/lending/loan.start.feature").read_text()
    for key in ("lend-a-copy", "lend-twice", "nobody-lends", "lend-in-house", "lend-what-is-not-there"):
        assert feature.count(f"Scenario: {key}\n") == 1
    assert '    Then it is refused, "{copy_on_loan}" and {{nothing}} changes\n' in feature


def test_two_versions_stand_side_by_side(project: Project) -> None:
    paths = document(project)["paths"]
    old, new = paths["/lending/v1/loans"]["post"], paths["/lending/loans"]["post"]
    assert (old["operationId"], new["operationId"]) == ("lending.loan.start@1", "lending.loan.start")
    assert (old.get("deprecated"), new.get("deprecated")) == (True, None)
    assert "The newer version is `lending.loan.start`: `POST /lending/loans`." in old["description"]
    for answer in old["responses"].values():
        assert answer["headers"].keys() >= {"Deprecation", "Sunset", "Link"}
    feature = (project.folder / "generated/features/lending/loan.start@1.feature").read_text()
    assert "@lending.loan.start.v1 " in feature
    assert "When lending.loan.start@1 is sent" in feature
    schema = json.loads((project.folder / "generated/lending/loan_started_v1.schema.json").read_bytes())
    assert schema["deprecated"] is True
    assert schema["$id"] == "urn:treaty:event:lending.loan.started:1.1.0"


def test_nothing_of_billing_is_there(project: Project) -> None:
    for path, content in project.files("generated").items():
        assert b"billing" not in content.lower(), path


def test_check_reports_and_generate_writes_nothing(tmp_path: Path) -> None:
    project = copied(tmp_path / "lending")
    contract = project.folder / "contracts/lending/status.yaml"
    contract.write_text(contract.read_text().replace("output: {now: datetime", "output: {now: instant"))
    for command in ("check", "generate"):
        said = project.run("treaty", command)
        assert said.returncode == 1
        assert "contracts/lending/status.yaml:7:15 " in said.stdout
    assert not (project.folder / "generated").exists()
