"""Subscriptions, `/v1/subscriptions`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from stripe_simulator.beginning import DAY, Beginning, WantedItem, begin
from stripe_simulator.cancellation import cancel_now
from stripe_simulator.changes import ItemChange, change_items, terms_of
from stripe_simulator.context import Context
from stripe_simulator.customers import customer_of
from stripe_simulator.due import cancel_due, schedule
from stripe_simulator.errors import Missing, StripeError
from stripe_simulator.items import items_of
from stripe_simulator.objects import Paged, listing, rendered
from stripe_simulator.parameters import (
    Clearable,
    Closed,
    Metadata,
    Page,
    Parameters,
    Range,
    Retrieve,
    Series,
    merged_metadata,
)
from stripe_simulator.prorations import prorate
from stripe_simulator.renewals import final_invoice, plan_renewal, renew, restart
from stripe_simulator.routing import Endpoints
from stripe_simulator.states import ENDED, tell_update
from stripe_simulator.storage import Document

__all__ = ["endpoints", "trial_of"]

endpoints = Endpoints()
KIND = "subscription"
Prorations = Literal["create_prorations", "always_invoice", "none"]
Payment = Literal["allow_incomplete", "default_incomplete", "error_if_incomplete"]


class ItemCreate(Closed):
    """An item to begin with."""

    price: str
    quantity: int | None = Field(default=None, ge=0)
    metadata: dict[str, str] | None = None


class CancellationDetails(Closed):
    """What the customer said about it."""

    comment: Clearable[str] = None
    feedback: Clearable[str] = None


class EndBehavior(Closed):
    """What happens when a trial ends."""

    missing_payment_method: Literal["cancel", "create_invoice", "pause"]


class TrialSettings(Closed):
    """How a trial ends."""

    end_behavior: EndBehavior


class BillingCycleAnchor(Closed):
    """From when periods are counted after a pause."""

    type: Literal["now"] = "now"


class SubscriptionResume(Parameters):
    """What going on after a pause takes."""

    billing_cycle_anchor: BillingCycleAnchor | None = None
    proration_behavior: Prorations | None = None


class SubscriptionCreate(Parameters):
    """What a new subscription takes."""

    customer: str
    items: Series[ItemCreate]
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    collection_method: Literal["charge_automatically"] = "charge_automatically"
    default_payment_method: str | None = None
    description: str | None = None
    metadata: Metadata = None
    off_session: bool | None = None
    payment_behavior: Payment = "allow_incomplete"
    proration_behavior: Prorations | None = None
    trial_end: int | Literal["now"] | None = None
    trial_period_days: int | None = Field(default=None, ge=0)
    trial_settings: TrialSettings | None = None


class SubscriptionUpdate(Parameters):
    """What can be changed of a subscription."""

    cancel_at: Clearable[int] = None
    cancel_at_period_end: bool | None = None
    cancellation_details: CancellationDetails | None = None
    default_payment_method: str | None = None
    description: Clearable[str] = None
    items: Series[ItemChange] | None = None
    metadata: Metadata = None
    off_session: bool | None = None
    payment_behavior: Payment | None = None
    proration_behavior: Prorations | None = None
    proration_date: int | None = None
    trial_end: int | Literal["now"] | None = None


class SubscriptionCancel(Parameters):
    """What canceling at once takes."""

    cancellation_details: CancellationDetails | None = None
    invoice_now: bool = False
    prorate: bool = False


class SubscriptionList(Page):
    """Which subscriptions to list: without a status, those that did not end."""

    created: Range | None = None
    customer: str | None = None
    price: str | None = None
    status: str | None = None


def trial_of(context: Context, until: int | Literal["now"] | None, days: int | None) -> int | None:
    """When a trial ends, if there is one."""
    if isinstance(until, int):
        if until <= context.now:
            raise StripeError("Invalid timestamp: must be in the future.", param="trial_end")
        return until
    return context.now + days * DAY if days and until is None else None


@endpoints.post("/v1/subscriptions")
def create(context: Context, parameters: SubscriptionCreate) -> Document:
    """A new subscription."""
    customer_of(context, parameters.customer)
    _known_method(context, parameters.default_payment_method, parameters.customer)
    return begin(
        context,
        Beginning(
            customer=parameters.customer,
            items=[WantedItem(item.price, item.quantity, item.metadata) for item in parameters.items],
            metadata=parameters.metadata or {},
            default_payment_method=parameters.default_payment_method,
            description=parameters.description,
            trial_end=trial_of(context, parameters.trial_end, parameters.trial_period_days),
            cancel_at_period_end=parameters.cancel_at_period_end,
            cancel_at=parameters.cancel_at,
            payment_behavior=parameters.payment_behavior,
            after_trial=_after_trial(parameters),
        ),
    )


def _after_trial(parameters: SubscriptionCreate) -> str:
    settings = parameters.trial_settings
    return "create_invoice" if settings is None else settings.end_behavior.missing_payment_method


def _known_method(context: Context, method: str | None, customer: str) -> None:
    found = context.store.find(method) if method else None
    if method and (found is None or found.get("customer") != customer):
        raise Missing("PaymentMethod", method, "default_payment_method")


@endpoints.get("/v1/subscriptions/{subscription_exposed_id}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A subscription."""
    return context.store.get(KIND, identifier)


@endpoints.post("/v1/subscriptions/{subscription_exposed_id}")
def update(context: Context, parameters: SubscriptionUpdate, identifier: str) -> Document:
    """A subscription, changed."""
    subscription = context.store.get(KIND, identifier)
    if subscription["status"] in ENDED and parameters.model_fields_set - {"metadata", "cancellation_details", "expand"}:
        raise StripeError("A canceled subscription can only update its cancellation_details and metadata.")
    _known_method(context, parameters.default_payment_method, subscription["customer"])
    _update_fields(context, subscription, parameters)
    if parameters.items:
        change_items(context, identifier, parameters.items, terms_of(parameters))
    return context.store.get(KIND, identifier)


def _update_fields(context: Context, subscription: Document, parameters: SubscriptionUpdate) -> None:
    before = rendered(context, subscription)
    changed = {**subscription, "cancellation_details": dict(subscription["cancellation_details"])}
    sent = parameters.model_fields_set
    for name in sent & {"description", "default_payment_method"}:
        changed[name] = getattr(parameters, name)
    if "metadata" in sent:
        changed["metadata"] = merged_metadata(subscription["metadata"], parameters.metadata)
    if parameters.cancellation_details is not None:
        changed["cancellation_details"] |= parameters.cancellation_details.model_dump(exclude_unset=True)
    _update_end(context, changed, parameters)
    if parameters.trial_end is not None:
        _move_trial(context, changed, parameters.trial_end)
    tell_update(context, before, changed)
    if parameters.trial_end == "now" and subscription["status"] == "trialing":
        renew(context, subscription["id"])


def _update_end(context: Context, subscription: Document, parameters: SubscriptionUpdate) -> None:
    """When it ends, or that it no longer does."""
    if parameters.cancel_at_period_end is not None:
        subscription["cancel_at_period_end"] = parameters.cancel_at_period_end
    if "cancel_at" in parameters.model_fields_set:
        subscription["cancel_at"] = parameters.cancel_at
        cancel_due(context, "cancel", subscription["id"])
        if parameters.cancel_at is not None:
            schedule(context, parameters.cancel_at, "cancel", subscription["id"])
    ends = subscription["cancel_at_period_end"] or subscription["cancel_at"] is not None
    if subscription["status"] not in ENDED:
        subscription["canceled_at"] = (subscription["canceled_at"] or context.now) if ends else None
        subscription["cancellation_details"]["reason"] = "cancellation_requested" if ends else None


def _move_trial(context: Context, subscription: Document, until: int | Literal["now"]) -> None:
    end = context.now if until == "now" else until
    if subscription["status"] != "trialing":
        raise StripeError("Only the end of a running trial can be moved.", param="trial_end")
    subscription |= {"trial_end": end, "billing_cycle_anchor": end}
    for item in items_of(context, subscription["id"]):
        context.store.save({**item, "current_period_end": end})
    plan_renewal(context, subscription)


@endpoints.delete("/v1/subscriptions/{subscription_exposed_id}")
def cancel(context: Context, parameters: SubscriptionCancel, identifier: str) -> Document:
    """A subscription, over at once."""
    subscription = context.store.get(KIND, identifier)
    if subscription["status"] in ENDED:
        raise Missing("subscription", identifier)
    if parameters.cancellation_details is not None:
        subscription["cancellation_details"] |= parameters.cancellation_details.model_dump(exclude_unset=True)
        context.store.save(subscription)
    if parameters.prorate:
        credit_rest(context, subscription)
    if parameters.invoice_now:
        final_invoice(context, subscription)
        details = subscription["cancellation_details"]
        subscription = {**context.store.get(KIND, identifier), "cancellation_details": details}
    return cancel_now(context, subscription)


@endpoints.post("/v1/subscriptions/{subscription}/resume")
def resume(context: Context, parameters: SubscriptionResume, identifier: str) -> Document:
    """A paused subscription, going on with a new period. Raises `Undone` when that is not paid."""
    subscription = context.store.get(KIND, identifier)
    if subscription["status"] != "paused":
        raise StripeError("You can only resume a subscription that is paused.")
    return restart(context, subscription)


def credit_rest(context: Context, subscription: Document) -> None:
    """Give back what was paid for the rest of the period."""
    for item in items_of(context, subscription["id"]):
        prorate(context, subscription, item, None, context.now)


@endpoints.get("/v1/subscriptions")
def subscriptions(context: Context, parameters: SubscriptionList) -> Paged:
    """Subscriptions, newest first."""
    found = context.store.all(KIND, customer=parameters.customer, newest_first=True)
    return listing((each for each in found if _listed(context, each, parameters)), parameters, "/v1/subscriptions")


def _listed(context: Context, subscription: Document, parameters: SubscriptionList) -> bool:
    status: Any = subscription["status"]
    match parameters.status:
        case None:
            fits = status != "canceled"
        case "all":
            fits = True
        case "ended":
            fits = status in ENDED
        case wanted:
            fits = status == wanted
    if parameters.price is not None:
        fits = fits and any(item["price"] == parameters.price for item in items_of(context, subscription["id"]))
    return fits and (parameters.created is None or subscription["created"] in parameters.created)
