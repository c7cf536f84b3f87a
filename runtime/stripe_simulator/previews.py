"""What an invoice would be, `/v1/invoices/create_preview`: done, looked at, and undone."""

from __future__ import annotations

from typing import Literal

from stripe_simulator.beginning import Beginning, WantedItem, begin
from stripe_simulator.changes import ItemChange, Terms, change_items
from stripe_simulator.context import Context, new_id
from stripe_simulator.customers import customer_of
from stripe_simulator.due import due_work
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.invoices import PREVIEWED
from stripe_simulator.objects import rendered
from stripe_simulator.parameters import Closed, Parameters, Series
from stripe_simulator.renewals import next_invoice
from stripe_simulator.routing import Endpoints
from stripe_simulator.states import ENDED
from stripe_simulator.storage import Document

__all__ = ["endpoints"]

endpoints = Endpoints()


class SubscriptionDetails(Closed):
    """What would be changed of the subscription."""

    cancel_at_period_end: bool | None = None
    cancel_now: bool | None = None
    items: Series[ItemChange] | None = None
    proration_behavior: Literal["create_prorations", "always_invoice", "none"] = "create_prorations"
    proration_date: int | None = None


class PreviewCreate(Parameters):
    """What a preview takes."""

    customer: str | None = None
    subscription: str | None = None
    subscription_details: SubscriptionDetails | None = None


@endpoints.post("/v1/invoices/create_preview")
def preview(context: Context, parameters: PreviewCreate) -> Document:
    """The next invoice as it would be; nothing of it stays but its lines, which are asked for by its id."""
    context.store.execute("SAVEPOINT preview")
    try:
        made = _made(context, parameters)
    finally:
        context.store.execute("ROLLBACK TO preview")
        context.store.execute("RELEASE preview")
    untried = {"amount_paid": 0, "amount_remaining": made["amount_due"], "attempted": False, "attempt_count": 0}
    invoice = made | untried | {"id": new_id("upcoming_in"), "status": "draft", "number": None}
    context.store.add({"id": invoice["id"], "object": PREVIEWED, "_lines": invoice["_lines"]})
    return rendered(context, invoice)


def _made(context: Context, parameters: PreviewCreate) -> Document:
    details = parameters.subscription_details or SubscriptionDetails()
    if parameters.subscription is None:
        return _first(context, parameters, details)
    subscription = context.store.get("subscription", parameters.subscription, "subscription")
    if subscription["status"] in ENDED:
        raise StripeError("There is no upcoming invoice of a canceled subscription.", code="invoice_upcoming_none")
    latest = subscription["latest_invoice"]
    if details.items:
        terms = Terms(details.proration_behavior, "default_incomplete", details.proration_date)
        change_items(context, subscription["id"], details.items, terms)
        subscription = context.store.get("subscription", subscription["id"])
    if subscription["latest_invoice"] != latest:
        return context.store.get("invoice", subscription["latest_invoice"])
    return next_invoice(context, subscription)


@due_work("upcoming")
def tell_upcoming(context: Context, identifier: str) -> None:
    """Some days before a renewal."""
    subscription = context.store.get("subscription", identifier)
    if subscription["status"] not in (*ENDED, "paused") and not subscription["cancel_at_period_end"]:
        emit(context, "invoice.upcoming", preview(context, PreviewCreate(subscription=identifier)))


def _first(context: Context, parameters: PreviewCreate, details: SubscriptionDetails) -> Document:
    """The invoice that a subscription to these items would begin with."""
    if parameters.customer is None:
        raise StripeError("You must provide a customer or a subscription.", code="parameter_missing", param="customer")
    customer_of(context, parameters.customer)
    items = [WantedItem(each.price, each.quantity) for each in details.items or [] if each.price is not None]
    begun = begin(context, Beginning(parameters.customer, items, payment_behavior="default_incomplete"))
    return context.store.get("invoice", begun["latest_invoice"])
