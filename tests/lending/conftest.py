"""The lending project: copied, generated, migrated and served once for each test process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.project import Database, Project, Service
from treaty_runtime.embedded.server import EmbeddedPostgres

HERE = Path(__file__).parent
LIBRARY = "018f0000-0000-7000-8000-000000000b01"
ELSEWHERE = "018f0000-0000-7000-8000-000000000b02"
BOOK, SEQUEL = "018f0000-0000-7000-8000-000000000e01", "018f0000-0000-7000-8000-000000000e02"
COPY, READER = "018f0000-0000-7000-8000-000000000c01", "018f0000-0000-7000-8000-000000000a01"

SECRET = "Sensitive-Street-4711"


@dataclass(frozen=True, slots=True)
class Lending:
    """The running service of two libraries, which share a catalogue, and who may call it in the first."""

    service: Service
    key: str

    def token(self, *roles: str, library: str = LIBRARY, who: str = "ann") -> str:
        """Somebody's token: there is no membership list, so it says itself where and as what."""
        return self.service.token(who, tenant=library, roles=list(roles))


def copied(folder: Path) -> Project:
    """A copy of the project, with nothing generated yet."""
    return Project.copy(HERE, folder, ("contracts", "features", "lending", "pyproject.toml"))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project, generated, with its first migration."""
    project = copied(tmp_path_factory.mktemp("lending"))
    project.must("treaty", "check")
    project.must("treaty", "generate")
    project.must("treaty", "migrate", "beginning")
    return project


@pytest.fixture(scope="session")
def lending(project: Project, postgres: EmbeddedPostgres) -> Iterator[Lending]:
    """The running service, with a copy of one book and one reader."""
    service = project.on(Database.create(postgres))
    service.treaty("upgrade")
    fill(service.database)
    roles = [argument for role in ("librarian", "auditor", "self-service") for argument in ("--role", role)]
    key = service.treaty("key", "create", "--tenant", LIBRARY, "--name", "tests", *roles).split()[-1]
    service.treaty("flag", "on", "loan-reports", "--tenant", LIBRARY)
    service.treaty("flag", "on", "loan-reports", "--tenant", ELSEWHERE)
    with service.served():
        yield Lending(service, key)
    assert "Traceback" not in service.log, service.log
    assert '"operation": "lending.' in service.log, "requests are logged"
    for secret in (SECRET, service.secret, key.rsplit("_", 1)[-1]):
        assert secret not in service.log


def fill(database: Database) -> None:
    """Two libraries, two books, and in the first library a copy and a reader."""
    for library, name in ((LIBRARY, "First"), (ELSEWHERE, "Elsewhere")):
        database.execute(
            "INSERT INTO lending_library (id, name, loan_period, open) VALUES (%s, %s, 'P21D', true)", [library, name]
        )
    for book, isbn, before in ((BOOK, "9788202000000", None), (SEQUEL, "9788202000001", BOOK)):
        database.execute(
            "INSERT INTO lending_book (id, isbn, title, language, published_on, price, authors, editions, prices,"
            """ class, "user", sequel_of_id) VALUES (%s, %s, 'Reisen', 'no', '2001-02-03', 19.99, %s, '[]', '{}',"""
            " 'fiction', 0, %s)",
            [book, isbn, '["Åse"]', before],
        )
    database.execute(
        """INSERT INTO lending_copy (id, library_id, book_id, shelf, "order") VALUES (%s, %s, %s, 'A1', 1)""",
        [COPY, LIBRARY, BOOK],
    )
    database.execute(
        "INSERT INTO lending_reader (id, library_id, card_number, name, email, since)"
        " VALUES (%s, %s, 'ZZ9999', 'Rita', 'rita@readers.example', now())",
        [READER, LIBRARY],
    )
