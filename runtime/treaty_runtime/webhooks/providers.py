"""Who sends webhooks: how they sign, and what their events look like. One module for each provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from treaty_runtime.settings import Settings

__all__ = ["Claim", "Notice", "Provider", "Unreadable", "provider_of"]


class Unreadable(Exception):
    """What is signed is no event as its provider describes them. The message says how."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An event that came.

    `types` are the names by which a contract may mean its type. `address` is where the object is that it names and does
    not hold; `None` when it holds it.
    """

    id: str
    types: frozenset[str]
    type: str
    api_version: str | None
    occurred_at: datetime | None
    data: Mapping[str, Any]
    address: str | None = None

    def completed(self, thing: Mapping[str, Any]) -> Mapping[str, Any]:
        """The event as it would be if it held the object that it names."""
        return {**self.data, "data": {"object": thing}}


class Claim(Protocol):
    """What a request says of who signed it, and when. It is not proved yet."""

    def prove(self, body: bytes, secrets: Sequence[str]) -> None:
        """Raise `BadSignature` unless one of the secrets signed this very body."""


class Provider(Protocol):
    """What there is to know of a sender of webhooks."""

    def missing(self, settings: Settings) -> Sequence[str]:
        """The variables without which a service that it sends to can't work."""

    def secrets(self, settings: Settings) -> Sequence[str]:
        """What it signs with: the newest first. There is at least one, and none is empty."""

    def claim(self, headers: Mapping[str, str], now: datetime, tolerance: timedelta) -> Claim:
        """What the headers say; raises `BadSignature` when they say nothing, or that it was signed at another time."""

    def read(self, body: bytes) -> Notice:
        """The event that a body tells. Raises `Unreadable`."""

    def sign(self, body: bytes, secret: str, at: datetime) -> dict[str, str]:
        """The headers that it would send with a body."""

    def event(self, type_: str, thing: Mapping[str, Any], said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """An event as it would tell it: of `type_`, with the object `thing`, and what else is `said` of the event."""


def provider_of(name: str) -> Provider:
    """The provider of this name."""
    from treaty_runtime.webhooks.stripe import STRIPE

    return {"stripe": STRIPE}[name]
