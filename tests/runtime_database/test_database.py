"""The pools of the service: transactions of a tenant, the clock in them, and roles that are refused."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Field, select
from sqlmodel.ext.asyncio.session import AsyncSession

from tests.runtime_database.schemas import column, organization, table
from tests.support import project
from treaty_runtime.database import Database
from treaty_runtime.embedded import EmbeddedPostgres
from treaty_runtime.errors import DatabaseError
from treaty_runtime.identifiers import new_id
from treaty_runtime.migrations.revise import Outcome
from treaty_runtime.migrations.upgrade import upgrade
from treaty_runtime.models import Entity
from treaty_runtime.problems import refusal_of
from treaty_runtime.refusals import Stale
from treaty_runtime.settings import Settings
from treaty_runtime.unit_of_work import require_revision

NOW = dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)
OURS, THEIRS = uuid4(), uuid4()
TABLES = {
    "organization": organization(),
    "counted": table(
        {
            "organization_id": column("uuid"),
            "said": column("varchar(50)"),
            "revision": column("bigint", default="1"),
        }
    ),
    "note": table({"organization_id": column("uuid"), "said": column("varchar(50)"), "at": column("timestamptz")}),
}


class Note(Entity, table=True):
    """A row with a stamp."""

    __tablename__ = "note"
    KEY = "shop.Note"
    TENANT = "organization_id"
    STAMPED: ClassVar[tuple[str, ...]] = ("at",)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organization_id: UUID
    said: str
    at: dt.datetime = Field(default=None)


class Counted(Entity, table=True):
    """A row that counts its changes."""

    __tablename__ = "counted"
    KEY = "shop.Counted"
    TENANT = "organization_id"
    REVISED = True

    id: UUID = Field(default_factory=new_id, primary_key=True)
    organization_id: UUID
    said: str
    revision: int = Field(default=1)


@pytest.fixture
def shop(
    new_database: Callable[[], project.Database], migrate: Callable[..., Outcome], migrations: Path
) -> project.Database:
    database = new_database()
    migrate(TABLES)
    upgrade(database.urls.owner or "", migrations)
    return database


def _settings(app: str, system: str, **more: Any) -> Settings:
    return Settings(
        database_url=SecretStr(app), database_system_url=SecretStr(system), jwt_secret=SecretStr("x" * 32), **more
    )


@asynccontextmanager
async def _open(shop: project.Database, **more: Any) -> AsyncIterator[Database]:
    database = await Database.open(_settings(shop.urls.app, shop.urls.system, **more))
    try:
        yield database
    finally:
        await database.close()


def _run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_a_transaction_belongs_to_a_tenant_and_is_kept(shop: project.Database) -> None:
    async def test() -> None:
        async with _open(shop) as database:
            for tenant in (OURS, THEIRS):
                async with database.transaction(tenant=tenant, now=NOW) as session:
                    session.add(Note(organization_id=tenant, said="kept"))
            async with database.transaction(tenant=OURS, now=NOW) as session:
                assert [note.organization_id for note in (await session.exec(select(Note))).all()] == [OURS]
            async with database.transaction(tenant=None, now=NOW) as session:
                assert (await session.exec(select(Note))).all() == []

    _run(test)
    assert shop.execute("SELECT count(*) FROM note") == [(2,)]


def test_an_exception_leaves_nothing(shop: project.Database) -> None:
    async def spend(database: Database) -> None:
        async with database.transaction(tenant=OURS, now=NOW) as session:
            session.add(Note(organization_id=OURS, said="gone"))
            await session.flush()
            raise KeyError

    async def add(database: Database) -> None:
        async with database.system() as connection:
            await connection.execute(text("INSERT INTO organization VALUES (:id, 'gone')"), {"id": OURS})
            raise KeyError

    async def test() -> None:
        async with _open(shop) as database:
            for fail in (spend, add):
                with pytest.raises(KeyError):
                    await fail(database)

    _run(test)
    assert shop.execute("SELECT count(*) FROM note") == [(0,)]
    assert shop.execute("SELECT count(*) FROM organization") == [(0,)]


def test_stamps_come_from_the_transactions_clock(shop: project.Database) -> None:
    earlier = NOW - dt.timedelta(days=1)

    async def test() -> None:
        async with _open(shop) as database:
            async with database.transaction(tenant=OURS, now=NOW) as session:
                session.add(Note(organization_id=OURS, said="stamped"))
                session.add(Note(organization_id=OURS, said="given", at=earlier))
                assert session.info["now"] == NOW
            async with database.transaction(tenant=OURS, now=NOW) as session:
                notes = (await session.exec(select(Note).order_by(Note.said))).all()
                assert [(note.said, note.at, note.at.tzinfo) for note in notes] == [
                    ("given", earlier, dt.UTC),
                    ("stamped", NOW, dt.UTC),
                ]

    _run(test)


def test_the_later_of_two_changes_at_once_is_refused(shop: project.Database) -> None:
    async def read(session: AsyncSession) -> Counted:
        return (await session.exec(select(Counted))).one()

    async def overtaken(database: Database) -> None:
        async with database.transaction(tenant=OURS, now=NOW) as session:
            late = await read(session)
            async with database.transaction(tenant=OURS, now=NOW) as other:
                (await read(other)).said = "in time"
            late.said = "too late"

    async def test() -> None:
        async with _open(shop) as database:
            async with database.transaction(tenant=OURS, now=NOW) as session:
                session.add(Counted(organization_id=OURS, said="first"))
            with pytest.raises(StaleDataError) as refusal:
                await overtaken(database)
            assert refusal_of(refusal.value).code == "stale"
            async with database.transaction(tenant=OURS, now=NOW) as session:
                row = await read(session)
                assert (row.said, row.revision) == ("in time", 2)
                require_revision(row, 2)
                require_revision(row, None)
                for found, seen in ((row, 1), (None, 2)):
                    with pytest.raises(Stale):
                        require_revision(found, seen)

    _run(test)


def test_the_system_role_has_transactions_of_its_own(shop: project.Database) -> None:
    async def test() -> None:
        async with _open(shop) as database:
            async with database.system() as connection:
                assert await connection.scalar(text("SELECT current_user")) == "treaty_system"
                await connection.execute(text("INSERT INTO organization VALUES (:id, 'kept')"), {"id": OURS})
            async with database.transaction(tenant=OURS, now=NOW) as session:
                connection = await session.connection()
                assert await connection.scalar(text("SELECT name FROM organization")) == "kept"

    _run(test)


def test_connections_that_died_in_the_pool_are_replaced_unnoticed(shop: project.Database) -> None:
    async def test() -> None:
        async with _open(shop, database_pool_size=3) as database:
            everyone = [database.transaction(tenant=OURS, now=NOW) for _ in range(3)]
            for transaction in everyone:
                await transaction.__aenter__()
            for transaction in everyone:
                await transaction.__aexit__(None, None, None)
            shop.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'treaty_app'")
            for _ in range(6):
                async with database.transaction(tenant=OURS, now=NOW) as session:
                    assert (await session.exec(select(Note))).all() == []

    _run(test)


def test_a_statement_that_takes_too_long_is_given_up(shop: project.Database) -> None:
    async def test() -> None:
        async with _open(shop, statement_timeout=0.05) as database:
            with pytest.raises(OperationalError, match="statement timeout"):
                async with database.transaction(tenant=OURS, now=NOW) as session:
                    await (await session.connection()).execute(text("SELECT pg_sleep(60)"))

    _run(test)


def test_with_nothing_set_it_brings_its_own_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_SYSTEM_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TREATY_DATA_DIR", str(tmp_path))

    async def test() -> None:
        database = await Database.open(Settings.load())
        async with database.transaction(tenant=None, now=NOW) as session:
            assert await (await session.connection()).scalar(text("SELECT current_user")) == "treaty_app"
        await database.close()

    _run(test)
    assert (tmp_path / "postgres").exists()


async def _refused(settings: Settings) -> str:
    with pytest.raises(DatabaseError) as refusal:
        await Database.open(settings)
    return str(refusal.value)


def test_roles_that_see_too_much_are_refused(shop: project.Database, postgres: EmbeddedPostgres) -> None:
    """A superuser, the owner of tables, a role that bypasses row-level security, and one that may become such a one."""
    owner, system = shop.urls.owner or "", shop.urls.system
    shop.execute("CREATE ROLE bypassing LOGIN BYPASSRLS")
    shop.execute("CREATE ROLE climbing LOGIN IN ROLE treaty_owner NOINHERIT")
    bypassing, climbing = (shop.urls.app.replace("treaty_app", name) for name in ("bypassing", "climbing"))
    try:
        for app, said in (
            (shop.superuser, "DATABASE_URL connects as treaty_superuser, which is a superuser"),
            (owner, "DATABASE_URL connects as treaty_owner, which owns tables"),
            (bypassing, "DATABASE_URL connects as bypassing, which may bypass row-level security"),
            (climbing, "DATABASE_URL connects as climbing, which owns tables"),
        ):
            assert asyncio.run(_refused(_settings(app, system))).startswith(said)
        said = asyncio.run(_refused(_settings(shop.urls.app, owner)))
        assert said.startswith("DATABASE_SYSTEM_URL connects as treaty_owner, which owns tables")
    finally:
        shop.execute("DROP ROLE bypassing, climbing")


def test_a_database_that_cannot_be_reached_is_explained_without_its_password(shop: project.Database) -> None:
    nowhere = "postgres://app:do-not-tell@127.0.0.1:1/shop"
    said = asyncio.run(_refused(_settings(nowhere, shop.urls.system)))
    assert said.startswith("DATABASE_URL: no connection to postgresql://app:***@127.0.0.1:1/shop: ")
    assert said.endswith("Start the database, or correct DATABASE_URL.")
    said = asyncio.run(_refused(_settings("postgresql://127.0.0.1:1/shop?nonsense=1", shop.urls.system)))
    assert said.startswith("DATABASE_URL: no connection to ")
    assert "nonsense" in said
    said = asyncio.run(_refused(_settings(shop.urls.app, nowhere)))
    assert said.startswith("DATABASE_SYSTEM_URL: no connection to ")
