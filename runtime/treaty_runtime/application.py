"""The web application: generated routes and the service's own, around one service."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
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
    _allow_more(answering)
    methods: dict[str, str] = {}
    app = IndexedLitestar(
        route_handlers=[together(answering)],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[lifespan],
        before_request=_before(methods),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    methods.update({route.path_format: ", ".join(sorted(route.methods)) for route in app.routes})
    app.asgi_handler = Observed(app.asgi_handler, lambda: app.state.service.metrics, lambda: app.state.service.tracing)
    return app


def _allow_more(routes: Sequence[HTTPRouteHandler]) -> None:
    """Have routes answer HEAD where they answer GET, and the first of each path OPTIONS.

    A route of its own for either would cost as much as the operation's. The server sends no body to HEAD.
    """
    paths: set[str] = set()
    for route in routes:
        if "GET" in route.http_methods:
            route.http_methods = {*route.http_methods, "HEAD"}
        if not route.paths & paths:
            route.http_methods = {*route.http_methods, "OPTIONS"}
        paths |= route.paths


def _before(methods: Mapping[str, str]) -> Callable[[Request[Any, Any, Any]], Awaitable[Response[None] | None]]:
    """What happens before a handler is called: OPTIONS is answered, for all `methods` of the path."""

    async def before(request: Request[Any, Any, Any]) -> Response[None] | None:
        _refuse_ambiguity(request)
        if request.method != "OPTIONS":
            return None
        return Response(None, status_code=204, headers={"Allow": methods[request.scope["path_template"]]})

    return before


def _refuse_ambiguity(request: Request[Any, Any, Any]) -> None:
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
