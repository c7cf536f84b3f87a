"""The stage that scenarios are played on: the real service over HTTP, with a database and a clock of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self, TypeVar
from uuid import UUID

import httpx
from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from sqlalchemy import Column, ColumnElement, create_engine, select, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from treaty_runtime.acceptance.cleaning import Cleaner
from treaty_runtime.acceptance.databases import OwnDatabase, own_database
from treaty_runtime.acceptance.escapes import Escapes
from treaty_runtime.acceptance.jobs import Jobs
from treaty_runtime.acceptance.server import Server
from treaty_runtime.acceptance.service_log import ServiceLog
from treaty_runtime.acceptance.tables import short, table_of
from treaty_runtime.addresses import sqlalchemy_url
from treaty_runtime.api_keys import create_key
from treaty_runtime.clock import ManualClock
from treaty_runtime.composition import Application
from treaty_runtime.credentials import issue_token
from treaty_runtime.database import StampingSession
from treaty_runtime.flags import EVERYBODY, NOBODY, turn
from treaty_runtime.jobs.queue import Queue
from treaty_runtime.project import Project, ProjectError
from treaty_runtime.relay import Relay
from treaty_runtime.service import Service
from treaty_runtime.settings import SIMULATOR, Settings
from treaty_runtime.sinks import open_sink

__all__ = ["SIMULATED", "START", "Stage"]

T = TypeVar("T")

# Where the clock stands when a scenario begins: noon, amid a month, so that neither day nor month is about to end.
SIMULATED = SecretStr(SIMULATOR)
START = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


COLUMNS = text("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(:table)) AND attnum > 0")


class Stage:
    """Opened once for a run; `clean` makes it ready for the next scenario."""

    def __init__(
        self, project: Project, application: Application, database: OwnDatabase, folder: Path, key: SecretStr
    ) -> None:
        """Use `open` instead. In `folder` is what the service keeps on disk, such as a simulated provider's state."""
        self.definition = application.definition
        self.clock = ManualClock(START)
        self.log = ServiceLog()
        self.escapes = Escapes(project.features / "steps")
        self.engine = create_async_engine(sqlalchemy_url(database.superuser))
        self._reader = create_engine(sqlalchemy_url(database.superuser), isolation_level="AUTOCOMMIT")
        self.settings = _settings(folder, database, key)
        self._app = application.create(self.settings, self.clock)
        self._server = Server(self._app)
        self._cleaner = Cleaner(self.engine)
        self._loop = asyncio.new_event_loop()
        self._tasks = application.tasks
        self._relay: Relay | None = None
        self.jobs: Jobs | None = None
        self._background = AsyncExitStack()
        self._resources = ExitStack()
        self.client = httpx.AsyncClient(base_url=self._server.address, timeout=60, trust_env=False)

    @classmethod
    def open(cls, project: Project, application: Application, stripe_key: SecretStr = SIMULATED) -> Self:
        """Migrate a database, start the service. Raises `OperatorError` when one of them cannot be."""
        with ExitStack() as resources:
            database = resources.enter_context(own_database(project.state / "verification", project.migrations))
            kept = TemporaryDirectory(dir=project.state / "verification", ignore_cleanup_errors=True)
            stage = cls(project, application, database, Path(resources.enter_context(kept)), stripe_key)
            resources.callback(stage._leave)
            stage._enter()
            stage._resources = resources.pop_all()
        return stage

    def close(self) -> None:
        """Stop the service and drop the database."""
        self._resources.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` in the event loop that also serves the service."""
        return self._loop.run_until_complete(work)

    async def clean(self) -> None:
        """Forget the last scenario: its rows, its log, its time."""
        await self._cleaner.clean()
        self.log.clear()
        self.clock.set(START)
        if self.jobs is not None:
            await self.jobs.begin()

    async def move(self, moment: dt.datetime) -> None:
        """Let it be another time. Schedules begin anew when time goes back."""
        back = moment < self.clock.now()
        self.clock.set(moment)
        if back and self.jobs is not None:
            await self.jobs.begin()

    async def settle(self) -> None:
        """Let the worker do all there is to do: what an event has done may be told by events, and so on."""
        while await self._work():
            pass

    async def _work(self) -> int:
        delivered = await self._relay.drain() if self._relay is not None else 0
        return delivered + (await self.jobs.drain() if self.jobs is not None else 0)

    def token(self, person: str, tenant: UUID | None, roles: Iterable[str]) -> str:
        """An access token of `person` that is valid now."""
        now, hour = self.clock.now(), dt.timedelta(hours=1)
        return issue_token(self.settings, person, now=now, valid_for=hour, tenant=tenant, roles=roles)

    async def service_key(self, tenant: UUID, roles: Sequence[str]) -> str:
        """A new service key of `tenant`."""
        service: Service = self._app.state.service
        return (await create_key(service, tenant, "scenario", roles)).text

    async def turn(self, flag: str, tenant: UUID | None, *, on: bool) -> None:
        """Turn a feature flag, for everybody or for one tenant."""
        service: Service = self._app.state.service
        tenants = () if tenant is None else (tenant,)
        await turn(service, flag, percent=EVERYBODY if on else NOBODY, tenants=tenants)

    def session(self) -> AsyncSession:
        """A session that no row-level security binds, for what scenarios set up."""
        info = {"now": self.clock.now()}
        return AsyncSession(self.engine, sync_session_class=StampingSession, expire_on_commit=False, info=info)

    def peek(self, column: Column[Any], where: ColumnElement[bool]) -> Any:
        """The present value of a column. Raises `LookupError` when the row is gone."""
        with self._reader.connect() as connection:
            row = connection.execute(select(column).where(where)).first()
        if row is None:
            raise LookupError(column.name)
        return row[0]

    @property
    def simulated(self) -> bool:
        """Whether a simulator is there instead of Stripe."""
        return self.settings.stripe_api_key == SIMULATED

    @property
    def tenant_word(self) -> str:
        """What a tenant is called here."""
        return short(self.definition.tenant) if self.definition.tenant else "tenant"

    @property
    def tenant_hint(self) -> str:
        """What to do for want of a tenant."""
        return f"create a row of {self.tenant_word} first (a Given of the vocabulary)"

    def _enter(self) -> None:
        asyncio.set_event_loop(self._loop)  # where behave runs coroutines of hand-written steps
        self.log.attach()
        self.run(self._open())

    def _leave(self) -> None:
        self.run(self._close())
        self._reader.dispose()
        asyncio.set_event_loop(None)
        self._loop.close()

    async def _open(self) -> None:
        await self._cleaner.learn()
        await self._check_tables()
        if not await self._server.start():
            raise ProjectError(f"The service does not start:\n{self.log.since(0)}")
        service: Service = self._app.state.service
        sink = await self._background.enter_async_context(open_sink(self.settings, self.definition.title, self.clock))
        self._relay = Relay(service.database, self.clock, sink, service.definition.jobs)
        if self._tasks:
            queue = await self._background.enter_async_context(Queue.open(service, self._tasks))
            self.jobs = Jobs(service, queue)

    async def _check_tables(self) -> None:
        for entity in self.definition.entities:
            table = table_of(entity)
            async with self.engine.connect() as connection:
                there = set(await connection.scalars(COLUMNS, {"table": table.name}))
            if missing := [column.name for column in table.columns if column.name not in there]:
                what = f"{table.name} ({', '.join(missing)})"
                raise ProjectError(f"The revisions do not make {what}. Run `treaty migrate NAME`, then verify again.")

    async def _close(self) -> None:
        await self._background.aclose()
        await self.client.aclose()
        await self._server.stop()
        await self.engine.dispose()


class _OwnSettings(Settings):
    """Settings of which nothing comes from the environment: no event of a scenario reaches anybody."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  these are pydantic's names
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given."""
        return (init_settings,)


def _settings(folder: Path, database: OwnDatabase, stripe_key: SecretStr) -> Settings:
    return _OwnSettings(
        database_url=SecretStr(database.urls.app),
        database_system_url=SecretStr(database.urls.system),
        data_dir=folder,
        jwt_secret=SecretStr(secrets.token_hex(32)),
        stripe_api_key=stripe_key,
        stripe_webhook_secrets=SecretStr(f"whsec_{secrets.token_hex(32)}"),
    )
