"""What operators ask a process: guarded at the public address, open at the private one."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from litestar import Litestar, Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from treaty_runtime import health
from treaty_runtime.observability.exposition import metrics
from treaty_runtime.observation import Observed
from treaty_runtime.problems import EXCEPTION_HANDLERS
from treaty_runtime.refusals import NotFound, Unauthenticated
from treaty_runtime.service import Service
from treaty_runtime.serving import address_of, listen, serving

__all__ = ["operator_routes", "private_address", "require_operator"]

Guard = Callable[[Request[Any, Any, Any]], None]

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.operators")


def operator_routes(*, guard: Guard) -> list[HTTPRouteHandler]:
    """`/metrics` and `/health/detailed`; `guard` raises a `Refusal` for whoever may not ask."""

    @get("/metrics")
    async def measured(request: Request[Any, Any, Any]) -> Response[bytes]:
        guard(request)
        return await metrics(request)

    @get("/health/detailed")
    async def examined(request: Request[Any, Any, Any]) -> Response[bytes]:
        guard(request)
        return await health.detailed(request)

    return [measured, examined]


def require_operator(request: Request[Any, Any, Any]) -> None:
    """Raise `Unauthenticated` without the operators' token. Where none is set, there is nothing here at all."""
    token = Service.of(request).settings.operator_token
    if token is None:
        raise NotFound()
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    expected = token.get_secret_value()
    # The comparison takes the same time wherever they differ.
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected.encode()):
        raise Unauthenticated("The operators' token is needed here (TREATY_OPERATOR_TOKEN).")


@asynccontextmanager
async def private_address(service: Service) -> AsyncIterator[None]:
    """Answer operators at `TREATY_OPERATOR_PORT` while the block runs, if that is set. Raises `ServingError`."""
    settings = service.settings
    if settings.operator_port is None:
        yield
        return
    listener = listen(settings.operator_host, settings.operator_port, setting="TREATY_OPERATOR_PORT")
    routes = [*health.health_routes(), *operator_routes(guard=lambda _: None)]
    app = Litestar(
        route_handlers=routes,
        exception_handlers=EXCEPTION_HANDLERS,
        state=State({"service": service}),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    # Whoever scrapes every few seconds is neither counted among the callers nor traced.
    app.asgi_handler = Observed(app.asgi_handler)
    async with serving(app, listener):
        log.info("operators_address", operators_at=address_of(listener))
        yield
