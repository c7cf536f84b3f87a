"""What is seen of work in the background: events that are delivered, jobs that are carried out."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from treaty_runtime.jobs.attempts import Attempt
from treaty_runtime.observability.metrics import Metrics
from treaty_runtime.observability.tracing import Tracing
from treaty_runtime.sinks import OutgoingEvent, Sink

__all__ = ["ObservedSink", "traced_job"]


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


def traced_job(tracing: Tracing | None, attempt: Attempt) -> AbstractContextManager[None]:
    """A job as a part of the trace that it was ordered in."""
    if tracing is None:
        return nullcontext()
    attributes = {"treaty.job": attempt.job.key, "treaty.request_id": attempt.request_id}
    return tracing.work(f"job {attempt.job.key}", attempt.traceparent, **attributes)
