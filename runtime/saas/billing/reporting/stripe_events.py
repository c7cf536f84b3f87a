"""Little usage: one `POST /v1/billing/meter_events` for each record, answered for itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from time import monotonic

import stripe
from stripe import StripeClient

from saas.billing.reporting import times
from saas.billing.reporting.backend import Sent, Usage
from saas.billing.reporting.stripe_answers import TOO_SLOW, code_of, is_passing, said

__all__ = ["StripeEvents"]

DUPLICATE = "duplicate_meter_event"


class StripeEvents:
    """v1 meter events, one after the other: Stripe takes one call at a time for a customer's meter."""

    def __init__(self, client: StripeClient) -> None:
        self._client = client

    async def send(self, usage: Sequence[Usage], now: datetime) -> Sent:  # noqa: ARG002 - each answer is final
        """Send usage until Stripe takes no more for now, or is too slow."""
        refused: dict[str, str] = {}
        until = monotonic() + times.SPELL.total_seconds()
        for taken, event in enumerate(usage):
            if taken and monotonic() >= until:
                return Sent(taken, refused, TOO_SLOW)
            try:
                await self._client.v1.billing.meter_events.create_async(
                    {
                        "event_name": event.feature,
                        "identifier": event.identifier,
                        "timestamp": int(event.occurred_at.timestamp()),
                        "payload": {"stripe_customer_id": event.customer, "value": str(event.quantity)},
                    }
                )
            except stripe.StripeError as error:
                if is_passing(error):
                    return Sent(taken, refused, said(error))
                if not _is_there(error, event):
                    refused[event.identifier] = code_of(error)
        return Sent(len(usage), refused)


def _is_there(error: stripe.StripeError, event: Usage) -> bool:
    """Whether Stripe has it already. v1 has no code for that, only a sentence that names the identifier."""
    if error.code == DUPLICATE:
        return True
    said = str(error.user_message or error)
    return isinstance(error, stripe.InvalidRequestError) and event.identifier in said and "already exists" in said
