"""Stripe as the billing backend: meters whose event name is the feature's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from time import monotonic
from typing import Any
from uuid import UUID

import stripe
from stripe import StripeClient

from generated.saas.billing.aggregation import Aggregation
from saas.billing.reporting import times
from saas.billing.reporting.backend import Complaint, Counted, Sent, Usage
from saas.billing.reporting.stripe_answers import TOO_SLOW, code_of, is_passing, said
from saas.billing.reporting.stripe_events import StripeEvents
from saas.billing.reporting.stripe_stream import StripeStream
from saas.billing.stripe_client import stripe_client
from treaty_runtime.settings import Settings

__all__ = ["StripeBackend", "stripe_backend"]

PAGE = 100
DIGITS = 15
OUTSIDE_TIME_WINDOW = "outside_time_window"
TOO_MANY_DIGITS = "too_many_digits"
NO_SUCH_EVENT = "resource_missing"


async def stripe_backend(settings: Settings) -> StripeBackend:
    """Stripe, or its simulator, as the settings say."""
    return StripeBackend(await stripe_client(settings))


class StripeBackend:
    """Stripe's meters, through its SDK."""

    def __init__(self, client: StripeClient) -> None:
        self._client = client
        self.events = StripeEvents(client)
        self.stream = StripeStream(client)
        self._known: dict[str, stripe.billing.Meter] | None = None

    def problem(self, usage: Usage, now: datetime) -> str | None:
        """Stripe takes usage of the past 35 days and of 5 minutes ahead, and values of 15 digits."""
        if not now - times.BACK <= usage.occurred_at <= now + times.AHEAD:
            return OUTSIDE_TIME_WINDOW
        return TOO_MANY_DIGITS if usage.quantity >= 10**DIGITS else None

    async def void(self, usage: Sequence[Usage], now: datetime) -> Sent:  # noqa: ARG002 - Stripe has its own time
        """Cancel meter events, one by one. One that Stripe has not worked off yet is not there yet: it is for later.

        Those after it are not: it may never be there, when Stripe did not count it, and they have a day.
        """
        refused: dict[str, str] = {}
        missing: set[str] = set()
        setback: str | None = None
        until = monotonic() + times.SPELL.total_seconds()
        for taken, event in enumerate(usage):
            if taken and monotonic() >= until:
                return Sent(taken, refused, TOO_SLOW, frozenset(missing))
            try:
                await self._client.v1.billing.meter_event_adjustments.create_async(
                    {"event_name": event.feature, "type": "cancel", "cancel": {"identifier": event.identifier}}
                )
            except stripe.StripeError as error:
                if is_passing(error):
                    return Sent(taken, refused, said(error), frozenset(missing))
                if code_of(error) == NO_SUCH_EVENT:
                    missing.add(event.identifier)
                    setback = said(error)
                else:
                    refused[event.identifier] = code_of(error)
        return Sent(len(usage), refused, setback, frozenset(missing))

    async def counted(self, customer: str, feature: str, first: date, end: date) -> Counted | None:
        """What the active meter of a feature says; of a customer that Stripe does not know, nothing was counted."""
        meter = (await self._meters()).get(feature)
        if meter is None:
            return None
        known = {each.value: each for each in Aggregation}
        aggregation = known.get(meter.default_aggregation.formula)
        return Counted(aggregation, await self._days(meter.id, customer, first, end))

    async def complaint(self, event_id: str) -> Complaint:
        """What `v1.billing.meter.error_report_triggered` and `v1.billing.meter.no_meter_found` say when fetched."""
        event: Any = await self._client.v2.core.events.retrieve_async(event_id)
        errors: Counter[str] = Counter()
        samples: defaultdict[str, list[str]] = defaultdict(list)
        for kind in event.data.reason.error_types:
            errors[kind.code] += int(kind.error_count)
            samples[kind.code] += [sample.request.identifier for sample in kind.sample_errors]
        return Complaint(errors, samples)

    def identifier(self, tenant: UUID, record: UUID) -> str:
        """Whose it is and which: 73 characters, of 100 that Stripe takes."""
        return f"{tenant}.{record}"

    def named(self, identifier: str) -> tuple[UUID, UUID] | None:
        """What `identifier` was made of."""
        tenant, _, record = identifier.partition(".")
        try:
            return UUID(tenant), UUID(record)
        except ValueError:
            return None

    async def _meters(self) -> dict[str, stripe.billing.Meter]:
        """The active meters by event name, as they were when they were first asked for."""
        if self._known is None:
            page = await self._client.v1.billing.meters.list_async({"status": "active", "limit": PAGE})
            self._known = {meter.event_name: meter async for meter in page.auto_paging_iter()}
        return self._known

    async def _days(self, meter: str, customer: str, first: date, end: date) -> dict[date, int]:
        try:
            page = await self._client.v1.billing.meters.event_summaries.list_async(
                meter,
                {
                    "customer": customer,
                    "start_time": _seconds(first),
                    "end_time": _seconds(end),
                    "value_grouping_window": "day",
                    "limit": PAGE,
                },
            )
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return {}
            raise
        return {
            datetime.fromtimestamp(summary.start_time, UTC).date(): int(summary.aggregated_value)
            async for summary in page.auto_paging_iter()
        }


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time.min, UTC).timestamp())
