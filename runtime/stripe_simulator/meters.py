"""What usage is counted by, `/v1/billing/meters`, and what they counted: event summaries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from stripe_simulator.context import Context, new_id
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.objects import Paged, listing
from stripe_simulator.parameters import Closed, Page, Parameters, Retrieve
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["counted", "endpoints", "meter_by_name"]

endpoints = Endpoints()
KIND = "billing.meter"
WINDOWS = {"hour": 3600, "day": 86400}
AGGREGATES = {"sum": "coalesce(sum(value), 0)", "count": "count(*)"}


class CustomerMapping(Closed):
    """Where an event's payload says whose usage it is."""

    event_payload_key: str
    type: Literal["by_id"]


class DefaultAggregation(Closed):
    """How events add up."""

    formula: Literal["sum", "count", "last"]


class ValueSettings(Closed):
    """Where an event's payload says how much it is."""

    event_payload_key: str


class MeterCreate(Parameters):
    """What a new meter takes."""

    default_aggregation: DefaultAggregation
    display_name: str = Field(min_length=1, max_length=250)
    event_name: str = Field(min_length=1, max_length=100)
    customer_mapping: CustomerMapping | None = None
    event_time_window: Literal["day", "hour"] | None = None
    value_settings: ValueSettings | None = None


class MeterUpdate(Parameters):
    """What can be changed of a meter."""

    display_name: str | None = Field(default=None, min_length=1, max_length=250)


class MeterList(Page):
    """Which meters to list."""

    status: Literal["active", "inactive"] | None = None


class SummaryList(Page):
    """Whose usage, from when to when, in which windows."""

    customer: str
    start_time: int
    end_time: int
    value_grouping_window: Literal["hour", "day"] | None = None


@endpoints.post("/v1/billing/meters")
def create(context: Context, parameters: MeterCreate) -> Document:
    """A new meter; among active ones, its event name is its own."""
    if meter_by_name(context, parameters.event_name, "active") is not None:
        message = f"There is already an active meter with the event name '{parameters.event_name}'."
        raise StripeError(message, param="event_name")
    mapping = parameters.customer_mapping or CustomerMapping(event_payload_key="stripe_customer_id", type="by_id")
    value = parameters.value_settings or ValueSettings(event_payload_key="value")
    meter = {
        "id": new_id("mtr_test"),
        "object": KIND,
        "created": context.now,
        "customer_mapping": mapping.model_dump(),
        "default_aggregation": parameters.default_aggregation.model_dump(),
        "display_name": parameters.display_name,
        "event_name": parameters.event_name,
        "event_time_window": parameters.event_time_window,
        "livemode": False,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
        "updated": context.now,
        "value_settings": value.model_dump(),
    }
    context.store.add(meter, parent=parameters.event_name)
    emit(context, "billing.meter.created", meter)
    return meter


def meter_by_name(context: Context, event_name: str, status: str | None = None) -> Document | None:
    """The meter of an event name: the active one, or else the latest that was."""
    found = list(context.store.all(KIND, parent=event_name, newest_first=True))
    active = next((each for each in found if each["status"] == "active"), None)
    return active if active is not None or status == "active" else next(iter(found), None)


@endpoints.get("/v1/billing/meters/{id}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A meter."""
    return context.store.get(KIND, identifier)


@endpoints.post("/v1/billing/meters/{id}")
def update(context: Context, parameters: MeterUpdate, identifier: str) -> Document:
    """A meter, named otherwise."""
    return _change(context, identifier, "updated", **parameters.sent())


@endpoints.post("/v1/billing/meters/{id}/deactivate")
def deactivate(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A meter that takes no more events."""
    transitions = {"deactivated_at": context.now}
    return _change(context, identifier, "deactivated", status="inactive", status_transitions=transitions)


@endpoints.post("/v1/billing/meters/{id}/reactivate")
def reactivate(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A meter that takes events again."""
    transitions = {"deactivated_at": None}
    return _change(context, identifier, "reactivated", status="active", status_transitions=transitions)


def _change(context: Context, identifier: str, how: str, **changes: object) -> Document:
    meter = context.store.get(KIND, identifier)
    before = {name: meter[name] for name, value in changes.items() if meter[name] != value}
    changed = context.store.save({**meter, **changes, "updated": context.now})
    emit(context, f"billing.meter.{how}", changed, before)
    return changed


@endpoints.get("/v1/billing/meters")
def meters(context: Context, parameters: MeterList) -> Paged:
    """Meters, newest first."""
    found = context.store.all(KIND, newest_first=True)
    wanted = (each for each in found if parameters.status in (None, each["status"]))
    return listing(wanted, parameters, "/v1/billing/meters")


def counted(context: Context, meter: Document, customer: str, start: int, end: int) -> int:
    """What a meter counted for a customer from `start` until before `end`."""
    among = "FROM meter_event WHERE meter = ? AND customer = ? AND timestamp >= ? AND timestamp < ? AND canceled = 0"
    formula = meter["default_aggregation"]["formula"]
    values = (meter["id"], customer, start, end)
    if formula == "last":
        found = context.store.rows(f"SELECT value {among} ORDER BY timestamp DESC, id DESC LIMIT 1", *values)
        return int(found[0][0]) if found else 0
    ((total,),) = context.store.rows(f"SELECT {AGGREGATES[formula]} {among}", *values)
    return int(total)


@endpoints.get("/v1/billing/meters/{id}/event_summaries")
def summaries(context: Context, parameters: SummaryList, identifier: str) -> Paged:
    """What a meter counted for a customer, in windows or as a whole; the latest first."""
    meter = context.store.get(KIND, identifier)
    context.store.get("customer", parameters.customer, "customer")
    _aligned(parameters)
    windows = reversed(list(_windows(parameters)))
    found = (_summary(context, meter, parameters.customer, start, end) for start, end in windows)
    return listing(
        (each for each in found if each["aggregated_value"] or parameters.value_grouping_window is None),
        parameters,
        f"/v1/billing/meters/{identifier}/event_summaries",
    )


def _aligned(parameters: SummaryList) -> None:
    step = 86400 if parameters.value_grouping_window == "day" else 3600 if parameters.value_grouping_window else 60
    for name in ("start_time", "end_time"):
        if getattr(parameters, name) % step:
            unit = {60: "minute", 3600: "hour", 86400: "UTC day"}[step]
            raise StripeError(f"{name} must be aligned with {unit} boundaries.", param=name)
    if parameters.end_time <= parameters.start_time:
        raise StripeError("end_time must be after start_time.", param="end_time")


def _windows(parameters: SummaryList) -> Iterator[tuple[int, int]]:
    whole = parameters.end_time - parameters.start_time
    step = WINDOWS.get(parameters.value_grouping_window or "", whole)
    for start in range(parameters.start_time, parameters.end_time, step):
        yield start, min(start + step, parameters.end_time)


def _summary(context: Context, meter: Document, customer: str, start: int, end: int) -> Document:
    return {
        "id": f"mtrusg_test_{meter['id'].rpartition('_')[2]}_{customer}_{start}_{end}",
        "object": "billing.meter_event_summary",
        "aggregated_value": counted(context, meter, customer, start, end),
        "end_time": end,
        "livemode": False,
        "meter": meter["id"],
        "start_time": start,
    }
