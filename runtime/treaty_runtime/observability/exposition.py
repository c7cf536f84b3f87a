"""`/metrics`: what the process counted, and what it finds in the database at that moment."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from litestar import Request, Response
from prometheus_client.exposition import choose_encoder
from sqlalchemy import text

from treaty_runtime.logging import failure
from treaty_runtime.observability.queues import measure_queues
from treaty_runtime.service import Service

__all__ = ["metrics"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.metrics")


async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus' text format, or OpenMetrics for whoever asks for it. It is there without the database, too."""
    service = Service.of(request)
    await _look_at_database(service)
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    # A thousand operations have many thousand lines: requests are answered meanwhile.
    body = await asyncio.to_thread(encode, service.metrics.registry)
    return Response(body, media_type=media_type, headers={"Cache-Control": "no-store"})


async def _look_at_database(service: Service) -> None:
    """Set the gauges; those of the queues are absent, not zero, while nobody can tell."""
    reached, queues = False, None
    try:
        async with service.database.watching() as system:
            await system.execute(text("SELECT 1"))
            reached = True
            queues = await measure_queues(system, service.clock.now())
    except Exception as error:
        log.warning("queues_not_measured", **failure(error))
    service.metrics.saw_database(queues, reached=reached)
