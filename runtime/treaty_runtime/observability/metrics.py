"""What a process counts and measures, for Prometheus. Every label has few values: names from contracts, never data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from treaty_runtime.observability.queues import Queue
from treaty_runtime.operations import Operation
from treaty_runtime.refusals import Internal, Unavailable

__all__ = ["NO_OPERATION", "Metrics"]

NO_OPERATION = "-"  # of requests that reached none: probes, the documentation, paths that are not there
NO_STATUS = "none"  # of requests whose callers went away before they were answered
ARRIVALS = ("received", "duplicate", "ignored", "unreadable", "missing", "wrong", "old", "future", "too_long")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one process, in a registry of their own: two services in one process do not mix theirs."""

    def __init__(self, operations: Iterable[Operation[Any, Any]] = (), webhooks: Iterable[str] = ()) -> None:
        """Where an operation promises a latency, that is one of the histogram's bounds: it is counted exactly."""
        operations = tuple(operations)
        self.registry = registry = CollectorRegistry()
        promised = {operation.latency_objective for operation in operations if operation.latency_objective}
        self._requests = Counter(
            "treaty_requests",
            "Requests, by operation, HTTP status and code of the problem document (empty for successes).",
            ("operation", "status", "code"),
            registry=registry,
        )
        self._durations = Histogram(
            "treaty_request_duration_seconds",
            "Time from head to answer of requests: success, refused (4xx), failed (5xx) or aborted.",
            ("operation", "outcome"),
            registry=registry,
            buckets=sorted({*SECONDS, *promised}),
        )
        self._in_flight = Gauge(
            "treaty_requests_in_flight", "Requests that are being carried out.", ("operation",), registry=registry
        )
        self._replays = Counter(
            "treaty_idempotent_replays",
            "Answers that were stored by an earlier request with the same idempotency key.",
            ("operation",),
            registry=registry,
        )
        self._events = Counter(
            "treaty_event_deliveries",
            "Attempts to deliver an event, by its type: delivered or failed (it is tried again).",
            ("type", "outcome"),
            registry=registry,
        )
        self._webhooks = Counter(
            "treaty_webhook_deliveries",
            "What came to a webhook: received, duplicate, ignored, unreadable, or refused, by the reason: a signature "
            "that is missing, wrong, old or future, or a body that is too long.",
            ("webhook", "outcome"),
            registry=registry,
        )
        self._settled = Counter(
            "treaty_webhook_events",
            "What became of received events: routed to jobs, unmatched (of nobody who is known) or unreadable.",
            ("webhook", "state"),
            registry=registry,
        )
        self._job_counts = Counter(
            "treaty_job_counts", "What jobs counted, by what each of them calls it.", ("job", "what"), registry=registry
        )
        self._database_up = Gauge(
            "treaty_database_up", "Whether the database could be reached when this was read.", registry=registry
        )
        self._queue_waiting = Gauge(
            "treaty_queue_waiting", "What waits in a queue, over all processes.", ("queue",), registry=registry
        )
        self._queue_oldest = Gauge(
            "treaty_queue_oldest_seconds", "How long the first in a queue waits.", ("queue",), registry=registry
        )
        # Looking a series up by its labels costs more than counting in it.
        self._in_flight_of: dict[str, Gauge] = {}
        self._children: dict[tuple[str, int | None, str], tuple[Counter, Histogram]] = {}
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        for operation in operations:
            self._begin_at_zero(operation)
            if operation.csv:
                self._begin_at_zero(operation.as_csv())
        for webhook in webhooks:
            self._begin_webhook(webhook)

    def began(self, operation: str) -> None:
        """A request to an operation is being carried out."""
        self._flying(operation).inc()

    def ended(self, operation: str | None, status: int | None, code: str, seconds: float, *, replayed: bool) -> None:
        """A request was answered, or its caller went away (`status` is `None`)."""
        name = operation or NO_OPERATION
        key = (name, status, code)
        if key not in self._children:
            self._children[key] = self._children_of(*key)
        requests, durations = self._children[key]
        requests.inc()
        durations.observe(seconds)
        if operation:
            self._flying(operation).dec()
        if replayed:
            self._replays.labels(name).inc()

    def delivered(self, event_type: str, *, taken: bool) -> None:
        """An event was handed over, or not taken."""
        self._events.labels(event_type, "delivered" if taken else "failed").inc()

    def webhook_arrived(self, webhook: str, outcome: str) -> None:
        """A request came to a webhook."""
        self._webhooks.labels(webhook, outcome).inc()

    def webhook_settled(self, webhook: str, state: str) -> None:
        """An event was worked on."""
        self._settled.labels(webhook, state).inc()

    def job_counted(self, job: str, counts: Mapping[str, int]) -> None:
        """A job was done, and had counted this."""
        for what, number in counts.items():
            self._job_counts.labels(job, what).inc(number)

    def saw_database(self, queues: Mapping[str, Queue] | None, *, reached: bool) -> None:
        """What the database said of itself; `queues` are `None` when that could not be found out."""
        self._database_up.set(reached)
        if queues is None:
            self._queue_waiting.clear()
            self._queue_oldest.clear()
            return
        for name, queue in queues.items():
            self._queue_waiting.labels(name).set(queue.waiting)
            self._queue_oldest.labels(name).set(queue.oldest_seconds)

    def _children_of(self, operation: str, status: int | None, code: str) -> tuple[Counter, Histogram]:
        return (
            self._requests.labels(operation, NO_STATUS if status is None else str(status), code),
            self._durations.labels(operation, _outcome(status)),
        )

    def _begin_at_zero(self, operation: Operation[Any, Any]) -> None:
        """So that the first failure is an increase: a series that begins at 1 shows none."""
        name = operation.identity
        self._children[name, operation.status, ""] = self._children_of(name, operation.status, "")
        for failure in (Internal, Unavailable):
            self._requests.labels(name, str(failure.status), failure.code)
        self._flying(name)

    def _begin_webhook(self, webhook: str) -> None:
        self._children[webhook, 200, ""] = self._children_of(webhook, 200, "")
        for outcome in ARRIVALS:
            self._webhooks.labels(webhook, outcome)
        for state in ("routed", "unmatched", "unreadable"):
            self._settled.labels(webhook, state)

    def _flying(self, operation: str) -> Gauge:
        if operation not in self._in_flight_of:
            self._in_flight_of[operation] = self._in_flight.labels(operation)
        return self._in_flight_of[operation]


def _outcome(status: int | None) -> str:
    if status is None:
        return "aborted"
    return "success" if status < 400 else "refused" if status < 500 else "failed"
