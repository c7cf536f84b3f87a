"""Whether the process lives, and whether it can serve: what load balancers, orchestrators and operators ask."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.logging import failure
from treaty_runtime.observability.pools import PoolState
from treaty_runtime.observability.queues import measure_queues
from treaty_runtime.refusals import Unavailable
from treaty_runtime.relay import LISTENER
from treaty_runtime.service import Service

if TYPE_CHECKING:
    from treaty_runtime.migrations.history import History

__all__ = ["detailed", "health_routes"]

_REVISION = text("SELECT version_num FROM treaty.runtime_revision")
_COLUMNS = text("""
    SELECT t.relname, c.attname FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid
    WHERE t.relnamespace = to_regnamespace('public') AND t.relkind IN ('r', 'p')
    AND c.attnum > 0 AND NOT c.attisdropped
""")
# A relay listens for events on a connection of its own, for as long as it lives.
_WORKERS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name")

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.health")


def health_routes() -> list[HTTPRouteHandler]:
    """`/health/live` and `/health/ready`: they tell nothing that a stranger may not know."""
    return [live, ready]


@get("/health/live")
async def live() -> Response[bytes]:
    """The process answers."""
    return _said({"status": "live"})


@get("/health/ready")
async def ready(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The process is not about to stop, and the database has every table and column that the code was generated for.

    A database of newer code will do: while replicas are replaced one by one, the old ones go on serving.
    """
    service = Service.of(request)
    if service.draining.is_set():
        raise Unavailable("The service is about to stop.")
    async with service.database.watching() as system:
        if not await _is_migrated(system, service):
            raise Unavailable("The database lacks the newest migrations. Run `treaty upgrade`.")
    return _said({"status": "ready"})


async def detailed(request: Request[Any, Any, Any]) -> Response[bytes]:
    """How the process and what it shares with others are: facts for operators, without addresses and credentials."""
    service = Service.of(request)
    pools = {role: asdict(PoolState.of(pool)) for role, pool in service.database.pools.items()}
    shared = await _shared(service)
    fine = shared["database"] == "reached" and shared["migrations"] == "applied"
    status = "stopping" if service.draining.is_set() else "ok" if fine else "failing"
    return _said(
        {"status": status, "version": service.definition.version, **shared, "pools": pools}, 200 if fine else 503
    )


async def _shared(service: Service) -> dict[str, Any]:
    """What all processes share. `None` is what could not be found out."""
    unknown = {"database": "unreachable", "migrations": None, "queues": None, "workers": None}
    try:
        async with service.database.watching() as system:
            if not await _is_migrated(system, service):
                return {**unknown, "database": "reached", "migrations": "missing"}
            queues = await measure_queues(system, service.clock.now())
            return {
                "database": "reached",
                "migrations": "applied",
                "queues": {name: asdict(queue) for name, queue in queues.items()},
                "workers": (await system.execute(_WORKERS, {"name": LISTENER})).scalar_one(),
            }
    except Exception as error:
        log.warning("not_examined", **failure(error))
        return unknown


async def _is_migrated(system: AsyncConnection, service: Service) -> bool:
    if (await system.execute(text("SELECT to_regclass('treaty.runtime_revision')"))).scalar() is None:
        return False
    revision = (await system.execute(_REVISION)).scalar()
    there = {(table, column) for table, column in await system.execute(_COLUMNS)}
    return not _history().is_behind(revision) and _columns(service.definition.schema) <= there


@cache
def _history() -> History:
    from treaty_runtime.migrations.history import runtime_history  # a tenth of what starting takes

    return runtime_history()


@cache
def _columns(schema: Path) -> frozenset[tuple[str, str]]:
    tables = json.loads(schema.read_text(encoding="utf-8"))["tables"]
    return frozenset((table, column) for table, content in tables.items() for column in content["columns"])


def _said(content: dict[str, Any], status: int = 200) -> Response[bytes]:
    body = json.dumps(content).encode()
    return Response(body, status_code=status, media_type="application/json", headers={"Cache-Control": "no-store"})
