"""The outermost layer: every request gets an id, every answer carries it, and one log line tells how it went."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from treaty_runtime.identifiers import new_id
from treaty_runtime.observability.metrics import Metrics
from treaty_runtime.observability.tracing import Tracing

__all__ = ["Observation", "Observed"]

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,100}")
STATE_KEY = "treaty.observation"
REPLAYED = b"idempotency-replayed"
ALWAYS = ((b"x-content-type-options", b"nosniff"),)

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.requests")


def _nothing_more() -> dict[str, str | None]:
    return {}


def _no_secrets() -> Iterable[str]:
    return ()


@dataclass(slots=True)
class Observation:
    """One request as the log sees it. Whoever learns more of it sets `facts`, and `secrets` that must not be told.

    `headers` are added to its answer, whatever that is.
    """

    request_id: str
    started: float = field(default_factory=perf_counter)
    status: int | None = None
    facts: Callable[[], Mapping[str, str | None]] = _nothing_more
    secrets: Callable[[], Iterable[str]] = _no_secrets
    headers: Sequence[tuple[bytes, bytes]] = ()
    operation: str | None = None
    code: str = ""
    trace_id: str | None = None
    replayed: bool = False
    metrics: Metrics | None = None

    @classmethod
    def of(cls, scope: Scope) -> Observation:
        """The observation of a request; every scope that passed `Observed` has one."""
        return cast("Observation", scope["state"][STATE_KEY])

    def reached(self, operation: str) -> None:
        """The request is one to this operation."""
        self.operation = operation
        if self.metrics:
            self.metrics.began(operation)

    def tell(self, scope: Scope) -> None:
        """Count it and write the line. The path is the route's: a parameter in it may be nobody's business."""
        seconds = perf_counter() - self.started
        if self.metrics:
            self.metrics.ended(self.operation, self.status, self.code, seconds, replayed=self.replayed)
        log.info(
            "request",
            request_id=self.request_id,
            method=scope.get("method"),
            path=scope.get("path_template"),
            status=self.status,
            duration_ms=round(seconds * 1000, 2),
            **({"trace_id": self.trace_id} if self.trace_id else {}),
            **self.facts(),
        )


class Observed:
    """An ASGI application, observed.

    `metrics` and `tracing` are asked for with every request: they come when the service opens.
    """

    def __init__(
        self,
        app: ASGIApp,
        metrics: Callable[[], Metrics | None] = lambda: None,
        tracing: Callable[[], Tracing | None] = lambda: None,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        observation = Observation(_request_id(scope), metrics=self._metrics())
        scope["state"][STATE_KEY] = observation

        async def send_observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                observation.status = message["status"]
                observation.replayed = any(name == REPLAYED for name, _ in message.get("headers", ()))
                own = ((b"x-request-id", observation.request_id.encode()), *ALWAYS, *observation.headers)
                message["headers"] = [*message.get("headers", ()), *own]
            await send(message)

        tracing = self._tracing()
        try:
            with tracing.request(scope, observation) if tracing else nullcontext():
                await self._app(scope, receive, send_observed)
        finally:
            observation.tell(scope)


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given.decode() if REQUEST_ID.fullmatch(given) else str(new_id())
