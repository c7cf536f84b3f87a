"""Applying revisions: once, together, and not at all when one fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime_database.schemas import Tables, catalogue, column, table
from tests.support.project import Database
from treaty_runtime.errors import DatabaseError, MigrationError
from treaty_runtime.migrations.history import runtime_history
from treaty_runtime.migrations.revise import Outcome
from treaty_runtime.migrations.upgrade import downgrade, upgrade

Migrate = Callable[..., Outcome]
RUNTIMES_OWN = len(runtime_history().after(None))
UPGRADE = """
import sys
from pathlib import Path
from treaty_runtime.migrations.upgrade import upgrade
print(len(upgrade(sys.argv[1], Path(sys.argv[2]))))
"""


@pytest.fixture
def owner(database: Database) -> str:
    assert database.urls.owner
    return database.urls.owner


def _things(**columns: object) -> Tables:
    return {"thing": table(columns)}


def test_the_runtime_comes_first_and_nothing_twice(
    database: Database, owner: str, migrate: Migrate, migrations: Path
) -> None:
    migrate(_things(), "first")
    migrate(_things(size=column("bigint", null=True)), "second")
    applied = upgrade(owner, migrations)
    assert applied[0].split(" ", 1)[1].startswith("The runtime's own tables")
    assert [line.split(" ", 1)[1] for line in applied[RUNTIMES_OWN:]] == ["First.", "Second."]
    assert upgrade(owner, migrations) == []
    migrate(_things(), "third", allow_data_loss=True)
    assert [line.split(" ", 1)[1] for line in upgrade(owner, migrations)] == ["Third."]


def test_without_an_application_there_are_the_runtimes_tables(database: Database, owner: str, migrations: Path) -> None:
    assert len(upgrade(owner, migrations)) == RUNTIMES_OWN
    assert {name for (name,) in database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'treaty'")} >= {
        "api_key",
        "audit",
        "idempotency",
        "outbox",
        "rate_limit",
    }


def test_the_service_may_read_how_far_the_database_has_come(
    database: Database, owner: str, migrate: Migrate, migrations: Path
) -> None:
    migrate(_things())
    upgrade(owner, migrations)
    for role in ("treaty_app", "treaty_system"):
        for history in ("runtime_revision", "application_revision"):
            question = f"SELECT has_table_privilege('{role}', 'treaty.{history}', 'SELECT, INSERT')"
            assert database.execute(question.replace(", INSERT", "")) == [(True,)]
            assert database.execute(question.replace("SELECT, ", "")) == [(False,)]


def test_several_at_once_do_the_work_once(database: Database, owner: str, migrate: Migrate, migrations: Path) -> None:
    for number in range(5):
        migrate(_things(**{f"column_{number}": column("bigint", null=True)}), allow_data_loss=True)
    command = [sys.executable, "-c", UPGRADE, owner, str(migrations)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    counts = sorted(int(process.communicate()[0]) for process in processes)
    assert counts == [0, 0, RUNTIMES_OWN + 5]


def test_a_revision_that_fails_leaves_nothing(
    database: Database, owner: str, migrate: Migrate, migrations: Path
) -> None:
    migrate(_things())
    migrate(_things(size=column("bigint", null=True)))
    outcome = migrate(_things(size=column("bigint", null=True), extent=column("bigint", null=True)))
    assert outcome.path
    whole = outcome.path.read_text()
    outcome.path.write_text(whole.replace("def downgrade", '    op.execute("SELECT 1 / 0")\n\n\ndef downgrade', 1))
    with pytest.raises(MigrationError, match=r"cannot be applied: division by zero. The database is as it was"):
        upgrade(owner, migrations)
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = 'thing'::regclass AND attnum > 0"
    assert database.execute(columns) == [("id",), ("size",)]  # those before it stay
    outcome.path.write_text(whole)
    assert len(upgrade(owner, migrations)) == 1
    assert database.execute(columns) == [("id",), ("size",), ("extent",)]


def test_rows_that_break_a_new_rule_are_explained(
    database: Database, owner: str, migrate: Migrate, migrations: Path
) -> None:
    migrate(_things(size=column("bigint")))
    upgrade(owner, migrations)
    database.execute("INSERT INTO thing VALUES (gen_random_uuid(), -1)")
    before = catalogue(database.superuser)
    tables = _things(size=column("bigint"))
    tables["thing"]["checks"] = {"ck_thing_size": "size > 0"}
    migrate(tables)
    with pytest.raises(MigrationError, match=r'check constraint "ck_thing_size" .* Correct its rows or the revision'):
        upgrade(owner, migrations)
    assert catalogue(database.superuser) == before


def test_a_revision_that_is_no_python_is_explained(
    database: Database, owner: str, migrate: Migrate, migrations: Path
) -> None:
    outcome = migrate(_things())
    assert outcome.path
    outcome.path.write_text("def upgrade(:")
    with pytest.raises(MigrationError, match=r"The revisions in .* cannot be read"):
        upgrade(owner, migrations)


def test_a_database_that_is_ahead_is_explained(
    database: Database, owner: str, migrate: Migrate, migrations: Path
) -> None:
    migrate(_things())
    newest = migrate(_things(size=column("bigint", null=True))).path
    upgrade(owner, migrations)
    assert newest
    newest.unlink()
    with pytest.raises(MigrationError, match=r"which .* does not have: .* Use the code that has this revision"):
        upgrade(owner, migrations)
    for file in migrations.glob("versions/*.py"):
        file.unlink()
    with pytest.raises(MigrationError, match="Use the code that has this revision"):
        upgrade(owner, migrations)


def test_going_back_refuses_to_lose_data(database: Database, owner: str, migrate: Migrate, migrations: Path) -> None:
    migrate(_things())
    upgrade(owner, migrations)
    before = catalogue(database.superuser)
    with pytest.raises(MigrationError, match=r"There is no way back: it would lose the rows of thing\."):
        downgrade(owner, migrations)
    assert catalogue(database.superuser) == before


def test_there_is_nothing_before_the_first(owner: str, migrations: Path) -> None:
    assert downgrade(owner, migrations) is None


def test_a_database_that_cannot_be_reached_is_explained_without_its_password(migrations: Path) -> None:
    with pytest.raises(DatabaseError, match=r"DATABASE_OWNER_URL: no connection to .*Start the database") as refusal:
        upgrade("postgresql://owner:do-not-tell@127.0.0.1:1/shop", migrations)
    assert "do-not-tell" not in str(refusal.value)


def test_missing_roles_are_explained(database: Database, owner: str, migrations: Path) -> None:
    database.execute("ALTER ROLE treaty_system RENAME TO treaty_elsewhere")
    try:
        with pytest.raises(MigrationError, match=r"no role treaty_system. Have an administrator run: CREATE ROLE"):
            upgrade(owner, migrations)
    finally:
        database.execute("ALTER ROLE treaty_elsewhere RENAME TO treaty_system")
