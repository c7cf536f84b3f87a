"""Partitioned tables and retention on a real database: what is kept, what goes, and who may do it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from pydantic import SecretStr

from tests.runtime_database.schemas import Tables, catalogue, column, organization, reference, table, write
from tests.support import project
from treaty_runtime.clock import ManualClock
from treaty_runtime.database import Database
from treaty_runtime.errors import MigrationError
from treaty_runtime.migrations.revise import Outcome, revise
from treaty_runtime.migrations.upgrade import downgrade, upgrade
from treaty_runtime.retention import retain
from treaty_runtime.settings import Settings

NOW = dt.datetime.now(dt.UTC)
LONG_AGO, LATELY = NOW - dt.timedelta(days=500), NOW - dt.timedelta(days=40)
OURS, THEIRS = uuid4(), uuid4()
KEY = {"uq_ledger_key": ["organization_id", "key"]}


def ledger(every: str | None = None, keep: str | None = None, by: str = "at", **words: Any) -> Tables:
    """A ledger of two tenants: in partitions or not, kept for ever or not."""
    columns: dict[str, Any] = {
        "organization_id": column("uuid"),
        "key": column("varchar(50)", null=True),
        "order": column("bigint"),
        by: column("timestamptz", was=None if by == "at" else "at"),
    }
    more: dict[str, Any] = {
        "appendOnly": True,
        "foreignKeys": {"fk_ledger": reference(["organization_id"], "organization", ["id"])},
        "indexes": {"ix_ledger": ["organization_id", "order"]},
        "checks": {"ck_ledger": '"order" > 0'},
        "unique": KEY,
        "keep": {"for": keep, "after": by} if keep else None,
    }
    if every:
        more |= {
            "primaryKey": ["id", by],
            "unique": {},
            "partition": {"by": by, "every": every},
            "keys": {"ledger_by_key": {"name": "uq_ledger_key", "columns": ["organization_id", "key"]}},
        }
    return {"ledger": table(columns, **(more | words)), "organization": organization()}


@pytest.fixture
def migrated(
    new_database: Callable[[], project.Database], migrate: Callable[..., Outcome], migrations: Path
) -> Callable[[Tables], project.Database]:
    """Makes a database with these tables and two tenants."""

    def make(tables: Tables) -> project.Database:
        database = new_database()
        migrate(tables)
        upgrade(database.urls.owner or "", migrations)
        for tenant in (OURS, THEIRS):
            database.execute("INSERT INTO organization VALUES (%s, 'Acme')", [tenant])
        return database

    return make


def add(database: project.Database, key: str | None, at: dt.datetime, tenant: UUID = OURS, rows: int = 1) -> None:
    """Add rows as the service does: as the app role, within a tenant."""
    with as_app(database, tenant) as connection:
        connection.execute(
            "INSERT INTO ledger SELECT gen_random_uuid(), %s, %s, 1, %s FROM generate_series(1, %s)",
            [tenant, key, at, rows],
        )


@contextmanager
def as_app(database: project.Database, tenant: UUID) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database.urls.app) as connection:
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(tenant)])
        yield connection


def keep_up(database: project.Database, now: dt.datetime, workers: int = 1) -> int:
    """What the worker does every few minutes, when its clock says `now`."""

    async def work() -> int:
        settings = Settings(
            database_url=SecretStr(database.urls.app),
            database_system_url=SecretStr(database.urls.system),
            jwt_secret=SecretStr("x" * 32),
        )
        opened = await Database.open(settings)
        try:
            return sum(await asyncio.gather(*[retain(opened, ManualClock(now)) for _ in range(workers)]))
        finally:
            await opened.close()

    return asyncio.run(work())


def partition_of(database: project.Database, key: str) -> str:
    return str(database.execute("SELECT tableoid::regclass FROM ledger WHERE key = %s", [key])[0][0])


def month(at: dt.datetime) -> str:
    return f"ledger_{at:%Y_%m}"


STATES = {
    "plain": ledger(),
    "by month": ledger("month"),
    "under another name": ledger("month", "900 days", by="when"),
    "by day": ledger("day", "900 days", by="when"),
    "kept longer, unique by more": ledger(
        "day",
        "2 days",
        by="when",
        keys={
            "ledger_by_key": {"name": "uq_ledger_key", "columns": ["organization_id", "key"]},
            "ledger_by_order_key": {"name": "uq_ledger_order", "columns": ["organization_id", "order", "key"]},
        },
    ),
    "plain again": ledger(None, "900 days", by="when"),
}


def test_rows_move_with_every_change_and_the_tables_are_as_if_new(
    tmp_path: Path, new_database: Callable[[], project.Database]
) -> None:
    stepped = new_database()
    said: dict[str, Any] = {}
    for number, (name, tables) in enumerate(STATES.items()):
        (folder := tmp_path / str(number)).mkdir()
        wanted = write(folder / "wanted.json", tables)
        revise(name, wanted, tmp_path / "stepped")
        upgrade(stepped.urls.owner or "", tmp_path / "stepped")
        revise("all", wanted, folder / "new")
        upgrade((new := new_database()).urls.owner or "", folder / "new")
        if number == 0:
            for tenant in (OURS, THEIRS):
                stepped.execute("INSERT INTO organization VALUES (%s, 'Acme')", [tenant])
            add(stepped, "old", LONG_AGO)
            add(stepped, "young", LATELY)
            add(stepped, None, LATELY, rows=3)
            add(stepped, "young", NOW, THEIRS)
        said[name] = stepped.execute("SELECT * FROM ledger ORDER BY id")
        assert said[name] == said["plain"]
        for key in ("old", "young"):
            with pytest.raises(errors.UniqueViolation, match="uq_ledger_key"):
                add(stepped, key, NOW)
        made = {what: _without(found, tables["ledger"]) for what, found in catalogue(stepped.superuser).items()}
        assert made == {what: _without(found, tables["ledger"]) for what, found in catalogue(new.superuser).items()}
    for name in reversed(list(STATES)[:-1]):
        downgrade(stepped.urls.owner or "", tmp_path / "stepped")
        assert stepped.execute("SELECT * FROM ledger ORDER BY id") == said[name]
        with pytest.raises(errors.UniqueViolation, match="uq_ledger_key"):
            add(stepped, "old", NOW)


def _without(found: list[str], tables: dict[str, Any]) -> list[str]:
    """What a new database has too: it has no rows, so none of the partitions of old ones."""
    if not tables["partition" if "partition" in tables else "keep"]:
        return found
    old = [f"ledger_{at:%Y_%m}" for at in (LONG_AGO, LATELY)]
    return [line for line in found if not any(name in line for name in old)]


def test_a_row_finds_its_partition_and_none_is_refused_for_want_of_one(
    migrated: Callable[[Tables], project.Database],
) -> None:
    database = migrated(ledger("month"))
    ahead = NOW + dt.timedelta(days=3 * 366)
    add(database, "now", NOW)
    add(database, "next", NOW + dt.timedelta(days=40))
    add(database, "old", LONG_AGO)
    add(database, "ahead", ahead, rows=1)
    assert [partition_of(database, key) for key in ("now", "old", "ahead")] == [
        month(NOW),
        "ledger_default",
        "ledger_default",
    ]
    keep_up(database, NOW, workers=3)
    assert [partition_of(database, key) for key in ("old", "ahead")] == [month(LONG_AGO), month(ahead)]
    assert database.execute("SELECT count(*) FROM ledger") == [(4,)]
    assert database.execute("SELECT count(*) FROM ledger_default") == [(0,)]
    # A worker that comes back after a year makes what was missing, the period that runs first of all.
    keep_up(database, NOW + dt.timedelta(days=366))
    assert database.execute("SELECT to_regclass(%s) IS NOT NULL", [month(NOW + dt.timedelta(days=366))]) == [(True,)]


def test_what_is_unique_is_so_over_all_partitions_and_within_the_tenant(
    migrated: Callable[[Tables], project.Database],
) -> None:
    database = migrated(ledger("month"))
    add(database, "a", LONG_AGO)
    add(database, "a", LATELY, THEIRS)
    add(database, None, NOW, rows=2)
    for at, rows, key in ((LATELY, 1, "a"), (NOW, 2, "b")):
        with pytest.raises(errors.UniqueViolation) as refusal:
            add(database, key, at, rows=rows)
        assert refusal.value.diag.constraint_name == "uq_ledger_key"
    assert database.execute("SELECT count(*) FROM ledger") == [(4,)]
    assert database.execute("SELECT count(*) FROM ledger_by_key") == [(2,)]
    with as_app(database, OURS) as connection:
        assert connection.execute("SELECT count(*) FROM ledger_by_key").fetchall() == [(1,)]


def test_partitions_are_nobodys_and_append_only(migrated: Callable[[Tables], project.Database]) -> None:
    database = migrated(ledger("month", "400 days"))
    add(database, "a", NOW)
    for name in (month(NOW), "ledger_default"):
        for url in (database.urls.app, database.urls.system):
            with psycopg.connect(url) as connection, pytest.raises(errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {name}".encode())
        with psycopg.connect(database.urls.owner or "") as connection:
            assert connection.execute(f"SELECT * FROM {name}".encode()).fetchall() == []
    for name in (month(NOW), "ledger"):
        for statement in (f"UPDATE {name} SET key = 'b'", f"DELETE FROM {name}", f"TRUNCATE {name}"):
            with pytest.raises(errors.InsufficientPrivilege, match="is append-only"):
                database.execute(statement)
    with as_app(database, THEIRS) as connection:
        assert connection.execute("SELECT * FROM ledger").fetchall() == []


def test_partitions_are_dropped_when_all_of_them_is_old(migrated: Callable[[Tables], project.Database]) -> None:
    database = migrated(ledger("month", "400 days"))
    for key, at in (("old", LONG_AGO), ("young", LATELY), ("now", NOW)):
        add(database, key, at)
    keep_up(database, NOW - dt.timedelta(days=300))
    assert database.execute("SELECT count(*) FROM ledger") == [(3,)]
    assert keep_up(database, NOW, workers=2) == 1  # the key; partitions go whole
    assert database.execute("SELECT to_regclass(%s)", [month(LONG_AGO)]) == [(None,)]
    assert database.execute("SELECT key FROM ledger ORDER BY 1") == [("now",), ("young",)]
    assert database.execute("SELECT key FROM ledger_by_key ORDER BY 1") == [("now",), ("young",)]
    add(database, "old", NOW)  # forgotten, so it is new


@pytest.mark.parametrize("every", [None, "month"])
def test_a_clock_that_runs_ahead_deletes_nothing(
    every: str | None, migrated: Callable[[Tables], project.Database]
) -> None:
    database = migrated(ledger(every, "400 days"))
    add(database, "young", LATELY)
    keep_up(database, NOW + dt.timedelta(days=9000))
    assert database.execute("SELECT key FROM ledger") == [("young",)]


def test_old_rows_go_from_a_table_without_partitions_and_no_others(
    migrated: Callable[[Tables], project.Database],
) -> None:
    database = migrated(ledger(None, "400 days"))
    add(database, None, LONG_AGO, rows=20)
    add(database, "old", LONG_AGO, THEIRS)
    add(database, "young", LATELY)
    with psycopg.connect(database.urls.system) as connection:  # reads and deletes what is old, and nothing else
        assert connection.execute("SELECT count(*) FROM ledger WHERE key = 'young'").fetchall() == [(0,)]
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("UPDATE ledger SET key = 'b'")
    with as_app(database, OURS) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("DELETE FROM ledger")
    with pytest.raises(errors.InsufficientPrivilege, match="is append-only"):
        database.execute("DELETE FROM ledger")
    assert keep_up(database, NOW) == 21
    assert database.execute("SELECT key FROM ledger") == [("young",)]


def test_a_table_in_use_is_left_for_the_next_time(migrated: Callable[[Tables], project.Database]) -> None:
    database = migrated(ledger("month", "400 days"))
    add(database, "old", LONG_AGO)
    with psycopg.connect(database.superuser) as reader:
        reader.execute("SELECT * FROM ledger")
        keep_up(database, NOW)
        assert reader.execute("SELECT key FROM ledger").fetchall() == [("old",)]
    keep_up(database, NOW)
    assert database.execute("SELECT key FROM ledger") == []


def test_the_owners_rights_are_lent_for_this_alone(migrated: Callable[[Tables], project.Database]) -> None:
    database = migrated(ledger("month"))
    for url, call in (
        (database.urls.app, "treaty.make_partitions(now())"),
        (database.urls.app, "treaty.drop_partition(now())"),
        (database.urls.system, "treaty.make_partition('ledger', now())"),
        (database.urls.system, "treaty.set_aside('ledger')"),
    ):
        with psycopg.connect(url) as connection, pytest.raises(errors.InsufficientPrivilege):
            connection.execute(f"SELECT {call}".encode())
    with psycopg.connect(database.urls.system) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("UPDATE treaty.lifecycle SET keep_for = '1 second', keep_after = 'at'")


def test_a_table_that_others_refer_to_is_not_moved(migrate: Callable[..., Outcome]) -> None:
    def referred(every: str | None) -> Tables:
        note = table(
            {"organization_id": column("uuid"), "ledger_id": column("uuid")},
            foreignKeys={"fk_note": reference(["ledger_id"], "ledger", ["id"])},
        )
        return ledger(every) | {"note": note}

    migrate(referred(None))
    with pytest.raises(MigrationError, match="note refers to ledger, whose rows move to other partitions"):
        migrate(referred("month"))
