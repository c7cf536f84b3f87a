"""This repository's own history: its revisions lead where its contracts want to be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.runtime_database.schemas import catalogue
from tests.support.project import Database
from treaty_runtime.migrations.revise import revise
from treaty_runtime.migrations.upgrade import upgrade

ROOT = Path(__file__).parents[2]
WANTED = ROOT / "generated" / "schema.json"
MIGRATIONS = ROOT / "runtime" / "migrations"


def test_the_revisions_lead_to_the_schema_that_the_contracts_ask_for(
    tmp_path: Path, new_database: Callable[[], Database]
) -> None:
    assert (MIGRATIONS / "schema.json").read_bytes() == WANTED.read_bytes(), "run `treaty migrate NAME`"
    stepped, at_once = new_database(), new_database()
    upgrade(stepped.urls.owner or "", MIGRATIONS)
    revise("all", WANTED, tmp_path / "migrations")
    upgrade(at_once.urls.owner or "", tmp_path / "migrations")
    assert catalogue(stepped.superuser) == catalogue(at_once.superuser)
