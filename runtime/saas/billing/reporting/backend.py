"""What reporting asks of a billing backend. Stripe is one (`stripe_backend`); another takes its place behind this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from generated.saas.billing.aggregation import Aggregation

__all__ = ["Backend", "Complaint", "Counted", "Sender", "Sent", "Usage"]


@dataclass(frozen=True, slots=True)
class Usage:
    """A record of the ledger as it is reported. The backend knows it again by `identifier`, whoever sends it again."""

    identifier: str
    customer: str
    feature: str
    quantity: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of usage that was sent: the first `taken` are dealt with, `refused` of them for good, with a code.

    What comes after those, and what of them is `left`, is to be sent again later, because of `setback`, a sentence; it
    may be there already.
    """

    taken: int
    refused: Mapping[str, str] = field(default_factory=dict)
    setback: str | None = None
    left: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Counted:
    """What the backend counted of a feature, by day in UTC; how it adds up, `None` for something else than we know."""

    aggregation: Aggregation | None
    days: Mapping[date, int]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the backend says was wrong: how many events for which code, and some of their identifiers by code."""

    errors: Mapping[str, int]
    samples: Mapping[str, Sequence[str]]


class Sender(Protocol):
    """One way of sending usage."""

    async def send(self, usage: Sequence[Usage], now: datetime) -> Sent:
        """Send usage, in its order. Safe to repeat as long as the backend knows identifiers again."""


class Backend(Protocol):
    """A billing backend."""

    @property
    def events(self) -> Sender:
        """The way for little usage: each event is answered for itself."""

    @property
    def stream(self) -> Sender:
        """The way for much usage: many events at once, checked later."""

    def problem(self, usage: Usage, now: datetime) -> str | None:
        """Why usage can't be sent at all, as a code; `None` when it can."""

    async def void(self, usage: Sequence[Usage], now: datetime) -> Sent:
        """Have usage that was sent count no longer. Safe to repeat."""

    async def counted(self, customer: str, feature: str, first: date, end: date) -> Counted | None:
        """What was counted of a feature on each day from `first` until before `end`; `None`: nothing meters it."""

    async def complaint(self, event_id: str) -> Complaint:
        """What the backend says in an event that tells of wrong usage."""

    def identifier(self, tenant: UUID, record: UUID) -> str:
        """What a record is called at the backend."""

    def named(self, identifier: str) -> tuple[UUID, UUID] | None:
        """The tenant and the record that are called so; `None` when it is no name of ours."""
