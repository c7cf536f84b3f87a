"""The commands about the database, run as a user runs them, on an embedded PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime_database.schemas import column, table, write
from tests.support.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text('[tool.treaty]\ntitle = "Shop"\nversion = "1.0.0"\n')
    (tmp_path / "generated").mkdir()
    write(tmp_path / "generated" / "schema.json", {"thing": table({})})
    return Project(tmp_path)


def _want(project: Project, **columns: object) -> None:
    write(project.folder / "generated" / "schema.json", {"thing": table(columns)})


def _refused(project: Project, *command: str, **environment: str) -> str:
    done = project.run("treaty", *command, **environment)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stdout
    return done.stdout


def test_from_the_first_table_to_a_database_and_back(project: Project) -> None:
    said = project.must("treaty", "migrate", "the first table")
    assert "Wrote runtime/migrations/versions/0001_the_first_table.py" in said
    assert "Nothing changed" in project.must("treaty", "migrate", "again")
    applied = project.must("treaty", "upgrade").splitlines()
    assert applied[0].startswith("Applied 0001 ")
    assert applied[-1].endswith(" The first table.")
    assert project.must("treaty", "upgrade") == "The database is up to date.\n"
    thing = {"thing": table({}, checks={"ck_thing": "id IS NOT NULL"})}
    write(project.folder / "generated" / "schema.json", thing)
    project.must("treaty", "migrate", "a check")
    assert "A check." in project.must("treaty", "upgrade")
    assert "Took back" in project.must("treaty", "downgrade")
    assert "There is no way back" in _refused(project, "downgrade")


def test_data_is_dropped_only_when_asked(project: Project) -> None:
    _want(project, size=column("bigint"))
    project.must("treaty", "migrate", "one")
    _want(project)
    assert "add --allow-data-loss" in _refused(project, "migrate", "two")
    project.must("treaty", "migrate", "two", "--allow-data-loss")


def test_what_is_missing_is_explained(project: Project, tmp_path: Path) -> None:
    (project.folder / "generated" / "schema.json").unlink()
    assert "No such file or directory. Run `treaty generate`." in _refused(project, "migrate", "one")
    (project.folder / "pyproject.toml").write_text("")
    assert "No pyproject.toml with a section [tool.treaty]" in _refused(project, "upgrade")


def test_migrations_of_ones_own_database_need_its_owner(project: Project) -> None:
    urls = dict.fromkeys(("DATABASE_URL", "DATABASE_SYSTEM_URL"), "postgresql://127.0.0.1:1/shop")
    said = _refused(project, "upgrade", **urls, TREATY_JWT_SECRET="x" * 32)
    assert "Set it for this command: DATABASE_OWNER_URL=" in said
    said = _refused(project, "upgrade", TREATY_PORT="x")
    assert "TREATY_PORT: input should be a valid integer" in said


def test_settings_are_printed(project: Project) -> None:
    assert "## `DATABASE_URL`" in project.must("treaty", "settings")
