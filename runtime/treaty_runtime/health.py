"""Whether the process lives, and whether it can serve: what load balancers and orchestrators ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import text

from treaty_runtime.migrations.history import runtime_history
from treaty_runtime.refusals import Unavailable
from treaty_runtime.service import Service

__all__ = ["health_routes"]

_REVISION = text("SELECT version_num FROM treaty.runtime_revision")
_COLUMNS = text("""
    SELECT t.relname, c.attname FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid
    WHERE t.relnamespace = to_regnamespace('public') AND t.relkind IN ('r', 'p')
    AND c.attnum > 0 AND NOT c.attisdropped
""")


def health_routes() -> list[HTTPRouteHandler]:
    """`/health/live` and `/health/ready`."""
    return [live, ready]


@get("/health/live")
async def live() -> Response[bytes]:
    """The process answers."""
    return _said("live")


@get("/health/ready")
async def ready(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The database can be reached and has every table and column that the code was generated for.

    A database of newer code will do: while replicas are replaced one by one, the old ones go on serving.
    """
    service = Service.of(request)
    async with service.database.system() as system:
        if (await system.execute(text("SELECT to_regclass('treaty.runtime_revision')"))).scalar() is None:
            raise Unavailable("The database is empty. Run `treaty upgrade`.")
        revision = (await system.execute(_REVISION)).scalar()
        there = {(table, column) for table, column in await system.execute(_COLUMNS)}
    if runtime_history().is_behind(revision) or not _columns(service.definition.schema) <= there:
        raise Unavailable("The database lacks the newest migrations. Run `treaty upgrade`.")
    return _said("ready")


def _columns(schema: Path) -> set[tuple[str, str]]:
    tables = json.loads(schema.read_text(encoding="utf-8"))["tables"]
    return {(table, column) for table, content in tables.items() for column in content["columns"]}


def _said(status: str) -> Response[bytes]:
    body = json.dumps({"status": status}).encode()
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})
