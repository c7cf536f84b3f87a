"""Much usage: batches of `POST /v2/billing/meter_event_stream`, behind the token of a session."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import stripe
from stripe import StripeClient
from stripe.params.v2.billing import MeterEventStreamCreateParamsEvent

from saas.billing.reporting.backend import Sent, Usage
from saas.billing.reporting.stripe_answers import is_passing, said

__all__ = ["StripeStream"]

BATCH = 100  # events, at most, in a request
AT_ONCE = 4  # requests
EARLY = timedelta(minutes=2)  # before its end, a session is replaced


class _Events(list[MeterEventStreamCreateParamsEvent]):
    """The events of a request.

    The SDK also writes every body as a form, even one that it sends as JSON, which takes longer than all the rest of
    reporting; of what has an `id`, it writes only that.
    """

    id = ""


@dataclass(slots=True)
class _Session:
    """The token that all who stream with one client share; Stripe lets it live for 15 minutes."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: str = ""
    expires_at: datetime | None = None


_sessions: WeakKeyDictionary[StripeClient, _Session] = WeakKeyDictionary()


class StripeStream:
    """The v2 stream. It answers nothing for single events: what is wrong with them comes as an error report."""

    def __init__(self, client: StripeClient) -> None:
        self._client = client
        self._session = _sessions.setdefault(client, _Session())

    async def send(self, usage: Sequence[Usage], now: datetime) -> Sent:
        """Send usage in batches, several at once; after the first that is not taken, none is begun any more."""
        batches = [usage[start : start + BATCH] for start in range(0, len(usage), BATCH)]
        for start in range(0, len(batches), AT_ONCE):
            group = batches[start : start + AT_ONCE]
            setbacks = await asyncio.gather(*(self._send(batch, now) for batch in group))
            for position, setback in enumerate(setbacks):
                if setback is not None:
                    return Sent((start + position) * BATCH, setback=setback)
        return Sent(len(usage))

    async def _send(self, batch: Sequence[Usage], now: datetime) -> str | None:
        """Send one batch; why it was not taken, if it was not. Raises what cannot pass by waiting."""
        events = _Events(_event(usage) for usage in batch)
        token = await self._token(now)
        try:
            try:
                await self._stream(events, token)
            except (stripe.TemporarySessionExpiredError, stripe.AuthenticationError):
                await self._stream(events, await self._token(now, instead_of=token))
        except stripe.StripeError as error:
            if is_passing(error):
                return said(error)
            raise
        return None

    async def _stream(self, events: _Events, token: str) -> None:
        await self._client.v2.billing.meter_event_stream.create_async({"events": events}, {"api_key": token})

    async def _token(self, now: datetime, instead_of: str | None = None) -> str:
        """The token of the session that runs; of a new one when it is about to end, or was `instead_of` found ended."""
        session = self._session
        async with session.lock:
            ends = session.expires_at is None or now >= session.expires_at - EARLY
            if ends or session.token == instead_of:
                made = await self._client.v2.billing.meter_event_session.create_async()
                session.token, session.expires_at = made.authentication_token, datetime.fromisoformat(made.expires_at)
            return session.token


def _event(usage: Usage) -> MeterEventStreamCreateParamsEvent:
    return {
        "event_name": usage.feature,
        "identifier": usage.identifier,
        "timestamp": usage.occurred_at.isoformat(timespec="seconds"),
        "payload": {"stripe_customer_id": usage.customer, "value": str(usage.quantity)},
    }
