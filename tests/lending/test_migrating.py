"""A library changes its mind about readers, and the ones it has stay as they are."""

from __future__ import annotations

from pathlib import Path

from tests.lending.conftest import READER, copied, fill
from tests.support.project import Database

BEFORE = "  nickname: {type: optional string, maxLength: 50}\n"
AFTER = """\
  alias: {type: optional string, maxLength: 80, renamedFrom: nickname}
  visits: {type: integer, minimum: 0, default: 7}
  class: {type: string, enum: [adult, "child's"], default: adult}
  json: {type: list of string, default: ["it's", "{{ new }}"]}
"""


def test_a_filled_database_follows_the_contracts(database: Database, tmp_path: Path) -> None:
    project = copied(tmp_path / "lending")
    service = project.on(database)
    project.must("treaty", "generate")
    assert project.run("treaty", "generate", "--check").returncode == 1, "no revision makes these tables yet"
    project.must("treaty", "migrate", "beginning")
    project.must("treaty", "generate", "--check")
    service.treaty("upgrade")
    fill(database)
    database.execute("UPDATE lending_reader SET nickname = 'Ri'")

    contract = project.folder / "contracts/lending/Reader.yaml"
    contract.write_text(contract.read_text().replace(BEFORE, AFTER))
    project.must("treaty", "generate")
    assert project.run("treaty", "generate", "--check").returncode == 1, "the revision is missing"
    project.must("treaty", "migrate", "alias")
    project.must("treaty", "generate", "--check")
    assert len(list((project.folder / "migrations/versions").glob("*.py"))) == 2
    service.treaty("upgrade")
    service.treaty("upgrade")  # nothing is left to do, and that is no mistake

    found = database.execute("SELECT id::text, alias, visits, class, json FROM lending_reader")
    assert found == [(READER, "Ri", 7, "adult", ["it's", "{{ new }}"])]


def test_nothing_changed_is_no_revision(tmp_path: Path) -> None:
    project = copied(tmp_path / "lending")
    project.must("treaty", "generate")
    project.must("treaty", "migrate", "beginning")
    before = project.files("migrations")
    project.run("treaty", "migrate", "nothing")
    assert project.files("migrations") == before
