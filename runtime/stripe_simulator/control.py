"""What only the simulator has, `/_simulator/…`: its clock, its faults, its deliveries, what customers pay with."""

from __future__ import annotations

import time
from typing import Any, Literal

from pydantic import Field

from stripe_simulator import deliveries
from stripe_simulator.checkout import complete
from stripe_simulator.clock import Clock
from stripe_simulator.collecting import DUNNING
from stripe_simulator.context import Context
from stripe_simulator.due import run_due_ahead
from stripe_simulator.errors import StripeError
from stripe_simulator.faults import AnswerFault, DeliveryFaults
from stripe_simulator.invoicing import FINALIZES_AFTER
from stripe_simulator.objects import rendered
from stripe_simulator.parameters import Closed, Nothing
from stripe_simulator.renewals import current_period
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document
from stripe_simulator.webhook_endpoints import new_endpoint, new_secret, roll

__all__ = ["endpoints"]

endpoints = Endpoints(access="control")
NO_FAULTS = DeliveryFaults()
LATEST = 4_102_444_800  # the year 2100


class MoveClock(Closed):
    """Where to put the clock: a time in seconds, or so many seconds on."""

    now: int | None = Field(default=None, ge=0, le=LATEST)
    advance: int | None = Field(default=None, ge=0, le=LATEST)
    standing: bool | None = None


class ClosePeriod(Closed):
    """Whether time passes for everybody, or for one subscription alone."""

    alone: bool = False


class Reset(Closed):
    """Which kinds of objects stay (`price`, `webhook_endpoint`, …), and where the clock begins."""

    keep: list[str] = Field(default_factory=list)
    now: int | None = Field(default=None, ge=0, le=LATEST)
    standing: bool = False


class SetAnswerFaults(Closed):
    """Rules for answers, instead of those before."""

    rules: list[AnswerFault]


class WebhookEndpoint(Closed):
    """An address for webhooks. One that is known gets these secrets; the same address can take both payloads."""

    url: str
    events: list[str] = Field(default_factory=lambda: ["*"])
    payload: Literal["snapshot", "thin"] = "snapshot"
    secret: str | None = Field(default=None, min_length=1)


class Roll(Closed):
    """Another secret; the one before signs too for so many real seconds."""

    secret: str | None = Field(default=None, min_length=1)
    both_for: float = Field(default=86400, ge=0)


class Payments(Closed):
    """Whether a customer's payments fail, whatever the card, and with which code."""

    failing: bool
    code: str = "card_declined"


class Dunning(Closed):
    """After how many days failed payments are tried again, and what happens in the end."""

    days: list[int]
    finally_: Literal["cancel", "unpaid", "past_due"] = Field(alias="finally")


class Complete(Closed):
    """What a Checkout session is completed with."""

    card: str = "pm_card_visa"


@endpoints.get("/_simulator/clock")
def clock(context: Context, parameters: Nothing, clock: Clock) -> Document:
    """What time it is."""
    return {"now": clock.now(), "standing": clock.standing}


@endpoints.post("/_simulator/clock")
def move_clock(context: Context, parameters: MoveClock, clock: Clock) -> Document:
    """Move the clock; what is due on the way happens, in its order and at its time, before the answer comes."""
    to = parameters.now if parameters.now is not None else clock.now() + (parameters.advance or 0)
    clock.move(to, standing=parameters.standing)
    return {"now": clock.now(), "standing": clock.standing}


@endpoints.post("/_simulator/subscriptions/{subscription}/close_period")
def close_period(context: Context, parameters: ClosePeriod, clock: Clock, identifier: str) -> Document:
    """Let a subscription's period and its draft's wait be over: the invoice is there and tried.

    The clock is moved there; `alone`, time passes for this subscription only, as with Stripe's test clocks.
    """
    context.store.get("subscription", identifier, "subscription")
    over = current_period(context, identifier)[1] + FINALIZES_AFTER
    if parameters.alone:
        run_due_ahead(context, lambda: _its_own(context, identifier), over)
    else:
        clock.move(max(clock.now(), over))
    return {"now": over if parameters.alone else clock.now(), "standing": clock.standing}


def _its_own(context: Context, subscription: str) -> list[str]:
    return [subscription, *(each["id"] for each in context.store.all("invoice", parent=subscription))]


@endpoints.post("/_simulator/reset")
def reset(context: Context, parameters: Reset, clock: Clock) -> Document:
    """Begin anew: nothing has happened, nothing goes wrong, and the clock is where it is told to be, or right."""
    context.store.reset(parameters.keep)
    clock.move(int(time.time()) if parameters.now is None else parameters.now, standing=parameters.standing)
    return {"now": clock.now(), "standing": clock.standing}


@endpoints.get("/_simulator/faults/deliveries")
def delivery_faults(context: Context, parameters: Nothing, clock: Clock) -> Document:
    """What goes wrong with deliveries."""
    return DeliveryFaults.of(context.store).model_dump()


@endpoints.post("/_simulator/faults/deliveries")
def set_delivery_faults(context: Context, parameters: DeliveryFaults, clock: Clock) -> Document:
    """Have this go wrong with deliveries from now on, and nothing else."""
    if parameters.seed is not None:
        deliveries.chance.seed(parameters.seed)
    context.store.set("delivery_faults", parameters.model_dump())
    return parameters.model_dump()


@endpoints.get("/_simulator/faults/answers")
def answer_faults(context: Context, parameters: Nothing, clock: Clock) -> Document:
    """The rules that were not used up."""
    return {"rules": context.store.setting("answer_faults", [])}


@endpoints.post("/_simulator/faults/answers")
def set_answer_faults(context: Context, parameters: SetAnswerFaults, clock: Clock) -> Document:
    """Have these rules from now on."""
    context.store.set("answer_faults", [rule.model_dump() for rule in parameters.rules])
    return answer_faults(context, Nothing(), clock)


@endpoints.post("/_simulator/webhook_endpoints")
def put_endpoint(context: Context, parameters: WebhookEndpoint, clock: Clock) -> Document:
    """An address that webhooks go to, with its secret; the same address and payload are one endpoint."""
    for known in context.store.all("webhook_endpoint"):
        if (known["url"], known["_payload"]) == (parameters.url, parameters.payload):
            secret = parameters.secret or known["_secrets"][0]["secret"]
            known |= {"enabled_events": parameters.events, "_secrets": [{"secret": secret, "until": None}]}
            return {**rendered(context, context.store.save(known)), "secret": secret}
    secret = parameters.secret or new_secret()
    made = new_endpoint(context, parameters.url, parameters.events, secret=secret, payload=parameters.payload)
    return {**rendered(context, made), "secret": secret}


@endpoints.post("/_simulator/webhook_endpoints/{id}/roll")
def roll_secret(context: Context, parameters: Roll, clock: Clock, identifier: str) -> Document:
    """Rotate an endpoint's secret."""
    secret = parameters.secret or new_secret()
    endpoint = context.store.get("webhook_endpoint", identifier)
    rolled = roll(context, endpoint, secret, time.time() + parameters.both_for)
    return {**rendered(context, rolled), "secret": secret}


@endpoints.get("/_simulator/deliveries")
def delivery_log(context: Context, parameters: Nothing, clock: Clock) -> Document:
    """How many deliveries are in which state, and the latest of them."""
    return {**deliveries.counts(context.store), "latest": deliveries.log(context.store, 100)}


@endpoints.post("/_simulator/events/{event}/deliver")
def deliver_again(context: Context, parameters: Nothing, clock: Clock, identifier: str) -> Document:
    """Send an event once more to all endpoints that want it, without faults."""
    event = context.store.find(identifier)
    if event is None or event["object"] not in ("event", "v2.core.event"):
        raise StripeError(f"No such event: '{identifier}'", code="resource_missing")
    wanting = [each for each in context.store.all("webhook_endpoint") if deliveries.wants(each, event)]
    for endpoint in wanting:
        deliveries.add(context.store, event["id"], endpoint["id"], NO_FAULTS)
    return {"deliveries": len(wanting)}


@endpoints.post("/_simulator/deliveries/retry")
def retry_deliveries(context: Context, parameters: Nothing, clock: Clock) -> Document:
    """Do not wait any longer: try all that was not taken yet, what was given up too, but nothing that was dropped."""
    changed = context.store.execute(
        "UPDATE delivery SET state = 'waiting', not_before = 0, attempts = 0 WHERE state IN ('waiting', 'failed')"
    )
    return {"deliveries": changed}


@endpoints.post("/_simulator/customers/{customer}/payments")
def payments(context: Context, parameters: Payments, clock: Clock, identifier: str) -> Document:
    """Have a customer's payments fail, or succeed again."""
    customer = context.store.get("customer", identifier, "customer")
    context.store.save({**customer, "_payments_fail": parameters.code if parameters.failing else None})
    return {"customer": identifier, "failing": parameters.failing}


@endpoints.post("/_simulator/dunning")
def set_dunning(context: Context, parameters: Dunning, clock: Clock) -> Document:
    """Have failed payments tried again so."""
    rules = {"days": parameters.days, "finally": parameters.finally_}
    context.store.set("dunning", rules)
    return rules


@endpoints.get("/_simulator/dunning")
def dunning(context: Context, parameters: Nothing, clock: Clock) -> Document:
    """How failed payments are tried again."""
    rules: Document = context.store.setting("dunning", DUNNING)
    return rules


@endpoints.post("/_simulator/checkout/{session}/complete")
def complete_checkout(context: Context, parameters: Complete, clock: Clock, identifier: str) -> Any:
    """Do what a customer does on the page of a Checkout session."""
    return complete(context, context.store.get("checkout.session", identifier, "session"), parameters.card)


@endpoints.get("/_simulator/health")
def health(context: Context, parameters: Nothing, clock: Clock) -> Document:
    """That it is there."""
    return {"status": "ok"}
