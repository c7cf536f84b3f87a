"""Usage as v2 takes it: single events checked at once, and a stream of batches behind a token of 15 minutes."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Literal

from pydantic import AwareDatetime, Field

from stripe_simulator.context import Context, new_id
from stripe_simulator.errors import SessionExpired, StripeError, Unauthenticated
from stripe_simulator.events import iso
from stripe_simulator.meter_events import cancel_event
from stripe_simulator.parameters import Closed, Nothing
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document
from stripe_simulator.usage import Problem, Usage, judge, new_identifier, seen, take

__all__ = ["endpoints"]

endpoints = Endpoints()
VALID = 15 * 60  # seconds
LARGEST_BATCH = 100


class MeterEventCreate(Closed):
    """What a meter event takes."""

    event_name: str = Field(min_length=1, max_length=100)
    payload: dict[str, str]
    identifier: str | None = Field(default=None, min_length=1, max_length=100)
    timestamp: AwareDatetime | None = None

    def usage(self, context: Context) -> Usage:
        """The event, its time now unless it says another."""
        when = context.now if self.timestamp is None else int(self.timestamp.timestamp())
        return Usage(self.event_name, self.payload, self.identifier or new_identifier(), when)


class StreamCreate(Closed):
    """A batch of events."""

    events: list[MeterEventCreate]


class Cancel(Closed):
    """Which event to take back."""

    identifier: str


class AdjustmentCreate(Closed):
    """What an adjustment takes."""

    cancel: Cancel
    event_name: str
    type: Literal["cancel"]


@endpoints.post("/v2/billing/meter_event_session")
def create_session(context: Context, parameters: Nothing) -> Document:
    """A token for the stream."""
    session: Document = {
        "id": new_id("mes_test"),
        "object": "v2.billing.meter_event_session",
        "authentication_token": f"token_{secrets.token_urlsafe(32)}",
        "created": iso(context.now),
        "expires_at": iso(context.now + VALID),
        "livemode": False,
    }
    return context.store.add(session, parent=session["authentication_token"])


@endpoints.post("/v2/billing/meter_event_stream", access="token")
def stream(context: Context, parameters: StreamCreate) -> None:
    """A batch, taken as it is; what is wrong with its events is reported later.

    Raises `SessionExpired` for an old token, `Unauthenticated` for an unknown one.
    """
    _check_session(context, context.bearer)
    if len(parameters.events) > LARGEST_BATCH:
        message = f"A request has at most {LARGEST_BATCH} events; this one has {len(parameters.events)}."
        raise StripeError(message, code="too_many_events", param="events")
    take(context, [event.usage(context) for event in parameters.events])


def _check_session(context: Context, token: str) -> None:
    session = next(context.store.all("v2.billing.meter_event_session", parent=token), None) if token else None
    if session is None:
        raise Unauthenticated("The authentication token is none of a meter event session.", code="invalid_token")
    if dt.datetime.fromisoformat(session["expires_at"]).timestamp() <= context.now:
        raise SessionExpired("The temporary session token has expired.", code="billing_meter_event_session_expired")


@endpoints.post("/v2/billing/meter_events")
def create(context: Context, parameters: MeterEventCreate) -> Document:
    """An event, checked and counted at once. Raises `StripeError` with the code of what is wrong with it."""
    usage = parameters.usage(context)
    if seen(context, [usage.identifier]):
        message = f"An event already exists with identifier {usage.identifier}."
        raise StripeError(message, code="duplicate_meter_event")
    (verdict,) = judge(context, [usage])
    if isinstance(verdict, Problem):
        raise StripeError(verdict.message, code=verdict.code)
    take(context, [usage])
    return {
        "object": "v2.billing.meter_event",
        "created": iso(context.now),
        "event_name": usage.event_name,
        "identifier": usage.identifier,
        "livemode": False,
        "payload": usage.payload,
        "timestamp": iso(usage.timestamp),
    }


@endpoints.post("/v2/billing/meter_event_adjustments")
def adjust(context: Context, parameters: AdjustmentCreate) -> Document:
    """An event, taken back."""
    cancel_event(context, parameters.event_name, parameters.cancel.identifier)
    return {
        "id": new_id("mea_test"),
        "object": "v2.billing.meter_event_adjustment",
        "cancel": {"identifier": parameters.cancel.identifier},
        "created": iso(context.now),
        "event_name": parameters.event_name,
        "livemode": False,
        "status": "complete",
        "type": "cancel",
    }
