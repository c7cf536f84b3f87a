"""The web application: generated routes and the service's own, around one service."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

import structlog
from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler

from treaty_runtime import logging
from treaty_runtime.clock import Clock
from treaty_runtime.definition import Definition
from treaty_runtime.documentation import documentation_routes
from treaty_runtime.health import health_routes
from treaty_runtime.observability.operator_routes import operator_routes, require_operator
from treaty_runtime.observation import Observed
from treaty_runtime.problems import EXCEPTION_HANDLERS
from treaty_runtime.refusals import Malformed, NotFound
from treaty_runtime.routing import IndexedLitestar, together
from treaty_runtime.service import open_service
from treaty_runtime.settings import Settings

__all__ = ["build_app"]

# Headers that say one thing: whoever gets two of them reads the first or the last.
ONCE = frozenset({b"authorization", b"content-encoding", b"content-type", b"host", b"treaty-tenant"})
HALF_AN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def build_app(
    definition: Definition,
    routes: Sequence[HTTPRouteHandler],
    *,
    settings: Settings | None = None,
    clock: Clock | None = None,
) -> Litestar:
    """The application that answers `routes`. Its lifespan opens the database; nothing is opened before.

    Without `settings` they are read from the environment when it starts. `clock` is for tests.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        if not structlog.is_configured():
            logging.configure()
        async with open_service(definition, settings, clock) as service:
            app.state.service = service
            yield

    answering = [*routes, *documentation_routes(definition), *health_routes(), *operator_routes(guard=require_operator)]
    app = IndexedLitestar(
        route_handlers=[together([*_options(answering), *answering, *_heads(answering)])],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[lifespan],
        before_request=_refuse_ambiguity,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.asgi_handler = Observed(app.asgi_handler, lambda: app.state.service.metrics, lambda: app.state.service.tracing)
    return app


def _heads(routes: Sequence[HTTPRouteHandler]) -> Iterator[HTTPRouteHandler]:
    """HEAD for whatever answers GET: the same answer, of which the server sends no body."""
    for route in routes:
        if "GET" in route.http_methods:
            yield HTTPRouteHandler(sorted(route.paths), http_method="HEAD", status_code=route.status_code)(route.fn)


def _options(routes: Sequence[HTTPRouteHandler]) -> Iterator[HTTPRouteHandler]:
    """OPTIONS for every path: the framework's own forgets handlers that share a path."""
    methods: dict[str, set[str]] = {}
    for route in routes:
        for path in route.paths:
            methods.setdefault(path, {"OPTIONS"}).update(route.http_methods)
    for path, allowed in methods.items():
        yield _option(path, ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))))


def _option(path: str, allow: str) -> HTTPRouteHandler:
    async def options() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": allow})

    return HTTPRouteHandler(path, http_method="OPTIONS", status_code=204)(options)


async def _refuse_ambiguity(request: Request[Any, Any, Any]) -> None:
    """Refuse what a proxy on the way may have read otherwise than the service does."""
    _refuse_other_spellings(request)
    _refuse_second_headers(request)


def _refuse_second_headers(request: Request[Any, Any, Any]) -> None:
    single = [name for name, _ in request.scope["headers"] if name in ONCE]
    if len(single) != len(set(single)):
        raise Malformed(
            f"One of these headers stands there twice: {', '.join(sorted(map(bytes.decode, set(single))))}."
        )


def _refuse_other_spellings(request: Request[Any, Any, Any]) -> None:
    """A path has one spelling, give or take a slash at its end; the framework would also forgive `//` and `%2F`."""
    raw = request.scope["raw_path"].decode("latin-1").removesuffix("/") or "/"
    if HALF_AN_ESCAPE.search(raw):
        raise Malformed("The path has a % without two hexadecimal digits after it.")
    try:
        path = unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise Malformed("The path is not UTF-8.") from None
    if path != request.scope.get("root_path", "") + request.scope["path"]:
        raise NotFound()
