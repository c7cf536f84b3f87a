"""A sink around a sink: counts what was taken and what was not, and traces it."""

from __future__ import annotations

from contextlib import nullcontext

from treaty_runtime.observability.metrics import Metrics
from treaty_runtime.observability.tracing import Tracing
from treaty_runtime.sinks import OutgoingEvent, Sink

__all__ = ["ObservedSink"]


class ObservedSink:
    """Takes events for another sink, and sees how that goes."""

    def __init__(self, sink: Sink, metrics: Metrics, tracing: Tracing | None = None) -> None:
        self._sink = sink
        self._metrics = metrics
        self._tracing = tracing

    async def deliver(self, event: OutgoingEvent) -> None:
        """Hand an event on. Raises what the other sink raises."""
        taken = False
        attributes = {"treaty.event": event.key, "treaty.request_id": event.request_id}
        try:
            with (
                self._tracing.work(f"deliver {event.type}", event.traceparent, **attributes)
                if self._tracing
                else nullcontext()
            ):
                await self._sink.deliver(event)
            taken = True
        finally:
            self._metrics.delivered(event.type, taken=taken)
