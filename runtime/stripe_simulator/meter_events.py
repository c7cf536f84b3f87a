"""Usage one event at a time, `/v1/billing/meter_events`, and taken back: `/v1/billing/meter_event_adjustments`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stripe_simulator.context import Context
from stripe_simulator.errors import Missing, StripeError
from stripe_simulator.meters import meter_by_name
from stripe_simulator.parameters import Closed, Parameters
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document
from stripe_simulator.usage import DEDUPED, Usage, in_window, new_identifier, seen, take

__all__ = ["cancel_event", "endpoints"]

endpoints = Endpoints()


class MeterEventCreate(Parameters):
    """What a meter event takes."""

    event_name: str = Field(min_length=1, max_length=100)
    payload: dict[str, str]
    identifier: str | None = Field(default=None, min_length=1, max_length=100)
    timestamp: int | None = None


class Cancel(Closed):
    """Which event to take back."""

    identifier: str | None = None


class AdjustmentCreate(Parameters):
    """What an adjustment takes."""

    event_name: str
    type: Literal["cancel"]
    cancel: Cancel | None = None


@endpoints.post("/v1/billing/meter_events")
def create(context: Context, parameters: MeterEventCreate) -> Document:
    """An event, taken; whether it counts is found out later, and reported when it does not.

    Raises `StripeError` for a time outside of the window, or an identifier that came within 24 hours.
    """
    timestamp = context.now if parameters.timestamp is None else parameters.timestamp
    if (late := in_window(context, timestamp)) is not None:
        raise StripeError(late[1], code=late[0], param="timestamp")
    identifier = parameters.identifier or new_identifier()
    if seen(context, [identifier]):
        raise StripeError(f"An event already exists with identifier {identifier}.")
    take(context, [Usage(parameters.event_name, parameters.payload, identifier, timestamp)])
    return {
        "object": "billing.meter_event",
        "created": context.now,
        "event_name": parameters.event_name,
        "identifier": identifier,
        "livemode": False,
        "payload": parameters.payload,
        "timestamp": timestamp,
    }


@endpoints.post("/v1/billing/meter_event_adjustments")
def adjust(context: Context, parameters: AdjustmentCreate) -> Document:
    """An event, taken back."""
    if parameters.cancel is None or parameters.cancel.identifier is None:
        raise StripeError("Missing required param: cancel[identifier].", code="parameter_missing", param="cancel")
    cancel_event(context, parameters.event_name, parameters.cancel.identifier)
    return {
        "object": "billing.meter_event_adjustment",
        "cancel": {"identifier": parameters.cancel.identifier},
        "event_name": parameters.event_name,
        "livemode": False,
        "status": "complete",
        "type": "cancel",
    }


def cancel_event(context: Context, event_name: str, identifier: str) -> None:
    """Have an event count no longer. Raises `StripeError` when it came more than 24 hours ago, or never."""
    meter = meter_by_name(context, event_name)
    if meter is None:
        raise Missing("meter", event_name, "event_name")
    found = context.store.rows(
        "SELECT id, received FROM meter_event WHERE identifier = ? AND meter = ? ORDER BY id DESC LIMIT 1",
        *(identifier, meter["id"]),
    )
    if not found:
        raise Missing("meter event", identifier, "cancel[identifier]")
    ((row, received),) = found
    if received < context.now - DEDUPED:
        raise StripeError(
            "You can only cancel meter events within 24 hours of Stripe receiving them.", param="cancel[identifier]"
        )
    context.store.execute("UPDATE meter_event SET canceled = 1 WHERE id = ?", row)
