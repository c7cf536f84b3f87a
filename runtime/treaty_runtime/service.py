"""What lives as long as the process: definition, settings, clock, database, and what is held in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from litestar import Request

from treaty_runtime.allotments import Allotments
from treaty_runtime.clock import Clock, SystemClock
from treaty_runtime.database import Database
from treaty_runtime.definition import Definition
from treaty_runtime.errors import SettingsError
from treaty_runtime.grouping import Groups
from treaty_runtime.observability.metrics import Metrics
from treaty_runtime.observability.pools import PoolCollector
from treaty_runtime.observability.tracing import Tracing, tracing_of
from treaty_runtime.settings import Settings
from treaty_runtime.signing_keys import SigningKeys
from treaty_runtime.webhooks.providers import provider_of

__all__ = ["Service", "open_service"]


@dataclass(frozen=True, slots=True)
class Service:
    """Handed to whatever serves a request or works in the background. The application keeps it in its state."""

    definition: Definition
    settings: Settings
    clock: Clock
    database: Database
    signing_keys: SigningKeys
    metrics: Metrics
    tracing: Tracing | None = None
    allotments: Allotments = field(default_factory=Allotments)
    groups: Groups = field(default_factory=Groups)
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is about to stop: it is not ready for more."""

    @classmethod
    def of(cls, request: Request[Any, Any, Any]) -> Service:
        """The service that a request came to."""
        return cast("Service", request.app.state.service)


@asynccontextmanager
async def open_service(
    definition: Definition, settings: Settings | None = None, clock: Clock | None = None
) -> AsyncIterator[Service]:
    """Open the database and close it in the end. Raises `OperatorError` when the service cannot run like this."""
    settings = settings or Settings.load()
    _require_cursor_secret(definition, settings)
    _require_providers(definition, settings)
    tracing = tracing_of(settings, definition.title, definition.version)
    database = await Database.open(settings)
    signing_keys = SigningKeys(settings.jwt_jwks)
    metrics = Metrics(definition.operations, [webhook.key for webhook in definition.webhooks])
    service = Service(definition, settings, clock or SystemClock(), database, signing_keys, metrics, tracing)
    try:
        metrics.registry.register(PoolCollector(database.pools))
        if tracing:
            for engine in database.engines.values():
                tracing.statements(engine.sync_engine)
        yield service
    finally:
        await service.groups.close()
        await signing_keys.close()
        await database.close()
        if tracing:
            await asyncio.to_thread(tracing.close)


def _require_cursor_secret(definition: Definition, settings: Settings) -> None:
    paged = next((operation.identity for operation in definition.operations if operation.paging), None)
    if paged is not None and not settings.cursor_secrets:
        raise SettingsError(
            f"{paged} answers in pages, and nothing seals their cursors: set TREATY_CURSOR_SECRET to 32 "
            "random bytes or more, the same for all replicas."
        )


def _require_providers(definition: Definition, settings: Settings) -> None:
    for webhook in definition.webhooks:
        if missing := provider_of(webhook.provider).missing(settings):
            raise SettingsError(
                f"{webhook.key} hears from {webhook.provider}, so {' and '.join(missing)} must be set as well."
            )
