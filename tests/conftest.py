"""What all tests share: one embedded PostgreSQL for each test process, and empty databases in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.project import Database
from treaty_runtime.embedded.server import EmbeddedPostgres

settings.register_profile("untimed", deadline=None)  # how fast something is, the benchmarks say
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this test process alone."""
    with EmbeddedPostgres.start(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server


@pytest.fixture
def database(postgres: EmbeddedPostgres) -> Database:
    """An empty database."""
    return Database.create(postgres)
