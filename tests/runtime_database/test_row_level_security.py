"""What keeps tenants apart, tried with the SQL that a mistake or an injection would send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from tests.runtime_database.schemas import column, organization, reference, table
from tests.support.project import Database
from treaty_runtime.migrations.revise import Outcome
from treaty_runtime.migrations.upgrade import upgrade

OWN = {"organization_id": column("uuid")}
TABLES = {
    "country": table({"name": column("varchar(50)")}),
    "meter": table(
        OWN | {"feature": column("varchar(50)")},
        unique={"uq_meter": ["organization_id", "id"]},
        foreignKeys={"fk_meter": reference(["organization_id"], "organization", ["id"])},
    ),
    "ledger": table(
        OWN | {"meter_id": column("uuid"), "amount": column("bigint")},
        appendOnly=True,
        foreignKeys={"fk_ledger": reference(["organization_id", "meter_id"], "meter", ["organization_id", "id"])},
    ),
    "membership": table(OWN | {"person": column("varchar(50)")}, systemReads=True),
    "organization": organization(),
}
OURS, THEIRS = uuid4(), uuid4()
METER_OF = {OURS: uuid4(), THEIRS: uuid4()}
LEDGER_OF = {OURS: uuid4(), THEIRS: uuid4()}


@pytest.fixture
def shop(new_database: Callable[[], Database], migrate: Callable[..., Outcome], migrations: Path) -> Database:
    """Two tenants with a row in each table."""
    database = new_database()
    migrate(TABLES)
    upgrade(database.urls.owner or "", migrations)
    database.execute("INSERT INTO country VALUES (%s, 'Chile')", [uuid4()])
    for tenant in (OURS, THEIRS):
        database.execute("INSERT INTO organization VALUES (%s, 'Acme')", [tenant])
        database.execute("INSERT INTO meter VALUES (%s, %s, 'calls')", [METER_OF[tenant], tenant])
        database.execute("INSERT INTO ledger VALUES (%s, %s, %s, 5)", [LEDGER_OF[tenant], tenant, METER_OF[tenant]])
        database.execute("INSERT INTO membership VALUES (%s, %s, 'ada')", [uuid4(), tenant])
    return database


@contextmanager
def _as_app(shop: Database, tenant: UUID | None) -> Iterator[psycopg.Connection[Any]]:
    """A transaction of the app role, as the service begins one."""
    with psycopg.connect(shop.urls.app) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant) if tenant else ""])
        yield connection


@contextmanager
def _as_system(shop: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(shop.urls.system) as connection:
        yield connection


def _count(connection: psycopg.Connection[Any], name: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchone()
    assert row
    return int(row[0])


OF_TENANTS = ["organization", "meter", "ledger", "membership"]


@pytest.mark.parametrize("name", OF_TENANTS)
def test_only_the_tenants_own_rows_are_seen(name: str, shop: Database) -> None:
    with _as_app(shop, OURS) as connection:
        assert _count(connection, name) == 1
        own = "id" if name == "organization" else "organization_id"
        assert connection.execute(f"SELECT {own} FROM {name}".encode()).fetchall() == [(OURS,)]


@pytest.mark.parametrize("name", OF_TENANTS)
def test_without_a_tenant_nothing_is_seen(name: str, shop: Database) -> None:
    with _as_app(shop, None) as connection:
        assert _count(connection, name) == 0
    with psycopg.connect(shop.urls.app) as connection:  # the setting was never made
        assert _count(connection, name) == 0


@pytest.mark.parametrize("name", OF_TENANTS)
def test_the_tenant_ends_with_its_transaction(name: str, shop: Database) -> None:
    with psycopg.connect(shop.urls.app) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(OURS)])
        assert _count(connection, name) == 1
        connection.commit()
        assert _count(connection, name) == 0


def test_rows_of_others_are_neither_changed_nor_deleted(shop: Database) -> None:
    with _as_app(shop, OURS) as connection:
        theirs = [METER_OF[THEIRS]]
        assert connection.execute("UPDATE meter SET feature = 'x' WHERE id = %s", theirs).rowcount == 0
        assert connection.execute("DELETE FROM meter WHERE id = %s", theirs).rowcount == 0
        assert connection.execute("UPDATE organization SET name = 'x'").rowcount == 1
        assert connection.execute("DELETE FROM membership").rowcount == 1
    assert shop.execute("SELECT name FROM organization WHERE id = %s", [THEIRS]) == [("Acme",)]
    assert shop.execute("SELECT organization_id FROM membership") == [(THEIRS,)]


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("INSERT INTO meter VALUES (%s, %s, 'x')", [uuid4(), THEIRS]),
        ("INSERT INTO organization VALUES (%s, 'x')", [uuid4()]),
        ("INSERT INTO ledger VALUES (%s, %s, %s, 1)", [uuid4(), THEIRS, METER_OF[THEIRS]]),
        ("UPDATE meter SET organization_id = %s", [THEIRS]),
        ("UPDATE organization SET id = %s", [uuid4()]),
    ],
)
def test_no_row_is_given_to_another_tenant(statement: str, values: list[UUID], shop: Database) -> None:
    with _as_app(shop, OURS) as connection, pytest.raises(errors.InsufficientPrivilege, match="row-level security"):
        connection.execute(statement.encode(), values)


def test_a_row_cannot_hang_under_another_tenants_row(shop: Database) -> None:
    """Foreign keys ignore row-level security, so they name the tenant too."""
    with _as_app(shop, OURS) as connection, pytest.raises(errors.ForeignKeyViolation):
        connection.execute("INSERT INTO ledger VALUES (%s, %s, %s, 1)", [uuid4(), OURS, METER_OF[THEIRS]])


def test_shared_tables_are_read_only(shop: Database) -> None:
    for tenant in (OURS, None):
        with _as_app(shop, tenant) as connection:
            assert _count(connection, "country") == 1
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute("INSERT INTO country VALUES (%s, 'Peru')", [uuid4()])


@pytest.mark.parametrize("statement", ["UPDATE ledger SET amount = 0", "DELETE FROM ledger", "TRUNCATE ledger"])
def test_what_is_append_only_is_not_changed_by_anybody(statement: str, shop: Database) -> None:
    with _as_app(shop, OURS) as connection, pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
        connection.execute(statement.encode())
    for url in (shop.urls.owner or "", shop.superuser):
        with (
            psycopg.connect(url) as connection,
            pytest.raises(errors.InsufficientPrivilege, match="ledger is append-only"),
        ):
            connection.execute(statement.encode())


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE meter DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON meter",
        "ALTER TABLE ledger DISABLE TRIGGER append_only",
        "TRUNCATE meter",
        "DROP TABLE meter",
        "SET ROLE treaty_owner",
        "SET ROLE treaty_system",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (id uuid)",
    ],
)
def test_the_app_role_cannot_undo_its_limits(statement: str, shop: Database) -> None:
    for url in (shop.urls.app, shop.urls.system):
        with psycopg.connect(url) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement.encode().replace(b"treaty_system", b"treaty_owner"))


def test_row_level_security_holds_for_the_owner_too(shop: Database) -> None:
    with psycopg.connect(shop.urls.owner or "") as connection:
        assert [_count(connection, name) for name in OF_TENANTS] == [0, 0, 0, 0]


def test_the_system_role_adds_tenants_and_looks_members_up_and_that_is_all(shop: Database) -> None:
    with _as_system(shop) as connection:
        assert _count(connection, "membership") == 2
        added = connection.execute("INSERT INTO organization VALUES (%s, 'New') RETURNING name", [uuid4()])
        assert added.fetchone() == ("New",)
        assert _count(connection, "organization") == 3
    for statement in (
        "SELECT * FROM meter",
        "SELECT * FROM country",
        "INSERT INTO membership VALUES (gen_random_uuid(), gen_random_uuid(), 'eve')",
        "UPDATE membership SET person = 'eve'",
        "UPDATE organization SET name = 'x'",
        "DELETE FROM organization",
    ):
        with _as_system(shop) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(statement.encode())
