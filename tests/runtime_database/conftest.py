"""Databases for the tests of the database half: empty, or with the runtime's tables."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime_database import schemas
from tests.support.project import Database
from treaty_runtime.embedded import EmbeddedPostgres
from treaty_runtime.migrations.revise import Outcome, revise
from treaty_runtime.migrations.upgrade import upgrade

NO_APPLICATION = Path("/nonexistent")


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a database that has the runtime's tables and no others."""
    postgres.create_database("runtime_template")
    upgrade(postgres.urls("runtime_template").owner or "", NO_APPLICATION)
    return "runtime_template"


@pytest.fixture
def new_database(postgres: EmbeddedPostgres, template: str) -> Callable[[], Database]:
    """Makes databases that have the runtime's tables."""

    def make() -> Database:
        name = f"test_{secrets.token_hex(6)}"
        postgres.create_database(name, template=template)
        return Database(postgres.urls(name), postgres.superuser_url(name))

    return make


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """The folder of an application's revisions, empty."""
    return tmp_path / "migrations"


@pytest.fixture
def migrate(tmp_path: Path, migrations: Path) -> Callable[..., Outcome]:
    """Writes a revision for a schema."""

    def write(tables: schemas.Tables, name: str = "change", *, allow_data_loss: bool = False) -> Outcome:
        wanted = schemas.write(tmp_path / "wanted.json", tables)
        return revise(name, wanted, migrations, allow_data_loss=allow_data_loss)

    return write
