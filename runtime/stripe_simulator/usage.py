"""Meter events, judged and kept: what every way in has in common. A batch takes a handful of statements."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stripe_simulator.context import Context
from stripe_simulator.meters import meter_by_name
from stripe_simulator.storage import Document

__all__ = ["Problem", "Usage", "in_window", "judge", "keep", "keep_problems", "seen", "take"]

PAST = 35 * 86400  # seconds
FUTURE = 5 * 60
DEDUPED = 24 * 60 * 60
WHOLE = re.compile(r"[+-]?[0-9]+")
DIGITS = 15


@dataclass(frozen=True, slots=True)
class Usage:
    """A meter event as it came, in seconds since 1970."""

    event_name: str
    payload: dict[str, str]
    identifier: str
    timestamp: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an event does not count."""

    meter: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What an event adds: to which meter, for whom, how much."""

    meter: str
    customer: str
    value: int


def new_identifier() -> str:
    """The identifier of an event that came without one."""
    return str(uuid.uuid4())


def in_window(context: Context, timestamp: int) -> tuple[str, str] | None:
    """The code and message of a time that is too old or too far ahead."""
    if timestamp < context.now - PAST:
        return "timestamp_too_far_in_past", "The timestamp is more than 35 calendar days in the past."
    if timestamp > context.now + FUTURE:
        return "timestamp_in_future", "The timestamp is more than 5 minutes in the future."
    return None


def seen(context: Context, identifiers: Sequence[str]) -> set[str]:
    """Which of these came within the last 24 hours."""
    rows = context.store.rows(
        "SELECT identifier FROM meter_event WHERE received > ? AND identifier IN (SELECT value FROM json_each(?))",
        *(context.now - DEDUPED, json.dumps(identifiers)),
    )
    return {identifier for (identifier,) in rows}


def judge(context: Context, usages: Sequence[Usage]) -> list[Counted | Problem]:
    """What each event comes to."""
    meters = {name: meter_by_name(context, name) for name in {usage.event_name for usage in usages}}
    customers = _customers(context, [_customer_id(usage, meters[usage.event_name]) for usage in usages])
    return [_judge(context, usage, meters[usage.event_name], customers) for usage in usages]


def _customer_id(usage: Usage, meter: Document | None) -> str:
    return usage.payload.get(meter["customer_mapping"]["event_payload_key"], "") if meter else ""


def _customers(context: Context, identifiers: Iterable[str]) -> set[str]:
    """Those of these customers that there are."""
    rows = context.store.rows(
        "SELECT id FROM object WHERE id IN (SELECT value FROM json_each(?))"
        " AND kind = 'customer' AND json_extract(body, '$.deleted') IS NULL",
        json.dumps(sorted(set(identifiers))),
    )
    return {identifier for (identifier,) in rows}


def _judge(context: Context, usage: Usage, meter: Document | None, customers: set[str]) -> Counted | Problem:
    if meter is None:
        return Problem(None, "no_meter", f"No meter with the event name '{usage.event_name}' was found.")
    identifier = meter["id"]
    if meter["status"] != "active":
        return Problem(identifier, "archived_meter", "The meter was deactivated.")
    if (late := in_window(context, usage.timestamp)) is not None:
        return Problem(identifier, *late)
    customer = _customer_id(usage, meter)
    if not customer:
        key = meter["customer_mapping"]["event_payload_key"]
        return Problem(identifier, "meter_event_no_customer_defined", f"The payload has no customer in '{key}'.")
    if customer not in customers:
        message = f"No customer with the id '{customer}' was found."
        return Problem(identifier, "meter_event_customer_not_found", message)
    return _valued(usage, meter, customer)


def _valued(usage: Usage, meter: Document, customer: str) -> Counted | Problem:
    key = meter["value_settings"]["event_payload_key"]
    value = usage.payload.get(key, "")
    if meter["default_aggregation"]["formula"] == "count" and not value:
        return Counted(meter["id"], customer, 1)
    if not WHOLE.fullmatch(value):
        return Problem(meter["id"], "meter_event_invalid_value", f"'{value}' in '{key}' is no whole number.")
    if len(value.lstrip("+-").lstrip("0")) > DIGITS:
        message = f"The value in '{key}' has more than {DIGITS} digits."
        return Problem(meter["id"], "meter_event_value_too_many_digits", message)
    return Counted(meter["id"], customer, int(value))


def keep(context: Context, kept: Iterable[tuple[Usage, Counted]]) -> None:
    """Count events."""
    context.store.execute_many(
        "INSERT INTO meter_event (identifier, meter, customer, value, timestamp, received) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (usage.identifier, counted.meter, counted.customer, counted.value, usage.timestamp, context.now)
            for usage, counted in kept
        ),
    )


def keep_problems(context: Context, problems: Iterable[tuple[Usage, Problem]]) -> None:
    """Remember what to report."""
    context.store.execute_many(
        "INSERT INTO meter_error (meter, code, message, identifier, received) VALUES (?, ?, ?, ?, ?)",
        ((problem.meter, problem.code, problem.message, usage.identifier, context.now) for usage, problem in problems),
    )


def take(context: Context, usages: Sequence[Usage]) -> None:
    """Count what is new and right; report what is wrong, later; drop what came before."""
    known = seen(context, [usage.identifier for usage in usages])
    fresh: dict[str, Usage] = {}
    for usage in usages:
        if usage.identifier not in known:
            fresh.setdefault(usage.identifier, usage)
    judged = list(zip(fresh.values(), judge(context, list(fresh.values())), strict=True))
    keep(context, ((usage, verdict) for usage, verdict in judged if isinstance(verdict, Counted)))
    keep_problems(context, ((usage, verdict) for usage, verdict in judged if isinstance(verdict, Problem)))
