"""A sink around a sink: counts what was taken and what was not."""

from __future__ import annotations

from treaty_runtime.observability.metrics import Metrics
from treaty_runtime.sinks import OutgoingEvent, Sink

__all__ = ["ObservedSink"]


class ObservedSink:
    """Takes events for another sink, and counts how that went."""

    def __init__(self, sink: Sink, metrics: Metrics) -> None:
        self._sink = sink
        self._metrics = metrics

    async def deliver(self, event: OutgoingEvent) -> None:
        """Hand an event on. Raises what the other sink raises."""
        taken = False
        try:
            await self._sink.deliver(event)
            taken = True
        finally:
            self._metrics.delivered(event.type, taken=taken)
