"""The descriptor that a contract of kind `webhook` generates, and what belongs to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from treaty_runtime.jobs.descriptor import Job
from treaty_runtime.models import Input, Output
from treaty_runtime.settings import Settings

__all__ = ["Fetch", "Handling", "Received", "Routed", "WaitingEvent", "Webhook", "Whose", "routing_of"]

# Nothing but the database and what events name can be in the way: for both, the provider's own patience will do.
ATTEMPTS, BACKOFF, TIMEOUT = 14, timedelta(seconds=10), timedelta(minutes=2)

Fetch = Callable[[Settings, str], Awaitable[Mapping[str, Any] | None]]
"""Fetches the object at an address that an event names; `None` when it is not there any more."""


@dataclass(frozen=True, slots=True)
class Whose:
    """The tenant of an event: the one whose attribute `by` is what stands in the event at the path `where`."""

    by: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """A job that is done after each event of some types.

    `input` says where in the event each field is, by its wire name; `tenant` where these events say whose they are,
    when it is not where the others do.
    """

    events: frozenset[str]
    job: Job[Any, Any]
    input: Mapping[str, str] = field(default_factory=dict)
    tenant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook of a contract.

    Signatures may be `tolerance` old, or as far ahead of this service's clock. Events are kept for `keep` when they
    have been dealt with.
    """

    key: str
    version: str
    path: str
    provider: Literal["stripe"]
    tolerance: timedelta
    keep: timedelta
    handles: tuple[Handling, ...]
    tenant: Whose | None = None

    @property
    def identity(self) -> str:
        """What tells it from every other contract."""
        return self.key

    @property
    def types(self) -> frozenset[str]:
        """The types of events after which something is done."""
        return frozenset().union(*(handling.events for handling in self.handles))


class Received(Output):
    """What a webhook answers: the event as it is stored, and whether it was stored before."""

    event: str
    duplicate: bool


class WaitingEvent(Input):
    """An event in the inbox of a webhook."""

    event: str


class Routed(Output):
    """What became of it, and how many jobs it has enqueued."""

    state: str
    jobs: int


def routing_of(webhook: Webhook) -> Job[WaitingEvent, Routed]:
    """The job as the queue knows it: it has the webhook's key."""
    return Job(
        key=webhook.key,
        version=webhook.version,
        input=WaitingEvent,
        output=Routed,
        each_tenant=False,
        attempts=ATTEMPTS,
        backoff=BACKOFF,
        timeout=TIMEOUT,
    )
