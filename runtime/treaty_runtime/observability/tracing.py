"""Traces, when somebody wants them: nothing of OpenTelemetry is imported until `TREATY_TRACES_URL` is set.

`TRACEPARENT` is the span that the code runs in, as W3C's Trace Context writes it (`00-<trace>-<span>-<flags>`), or
`None`. Whatever leaves the process or waits in the database carries it on.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from litestar.types import Scope
from sqlalchemy import Engine

from treaty_runtime.errors import SettingsError
from treaty_runtime.settings import Settings

if TYPE_CHECKING:
    from treaty_runtime.observation import Observation

__all__ = ["TRACEPARENT", "Tracing", "trace_headers", "tracing_of"]

TRACEPARENT: ContextVar[str | None] = ContextVar("treaty.traceparent", default=None)


class Tracing(Protocol):
    """What can be traced."""

    def request(self, scope: Scope, observation: Observation) -> AbstractContextManager[None]:
        """A request, as a part of the trace that its caller names."""

    def work(self, name: str, traceparent: str | None, **attributes: str) -> AbstractContextManager[None]:
        """Work that a request left behind in the database, as a part of the request's trace."""

    def statements(self, engine: Engine) -> None:
        """From now on, statements on this engine that are a part of something traced."""

    def close(self) -> None:
        """Send what is not sent yet; takes some seconds when nobody listens."""


def trace_headers() -> dict[str, str]:
    """The headers that a request to another service carries on."""
    traceparent = TRACEPARENT.get()
    return {"traceparent": traceparent} if traceparent else {}


def tracing_of(settings: Settings, title: str, version: str) -> Tracing | None:
    """What traces this process; `None` when nobody asked for it.

    Raises `SettingsError` when OpenTelemetry is wanted and not installed.
    """
    if settings.traces_url is None:
        return None
    try:
        from treaty_runtime.observability.open_telemetry import OpenTelemetry
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"TREATY_TRACES_URL is set, and {error.name} is not installed. Install treaty-runtime[otel], or unset it."
        ) from error
    return OpenTelemetry.exporting(settings.traces_url, settings.traces_share, title, version)
