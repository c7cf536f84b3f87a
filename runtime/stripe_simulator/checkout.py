"""Checkout, `/v1/checkout/sessions`: a page where a customer subscribes, and what happens when it is submitted."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stripe_simulator import customers
from stripe_simulator.amounts import amount_of
from stripe_simulator.beginning import Beginning, WantedItem, begin
from stripe_simulator.context import Context, new_id
from stripe_simulator.customers import customer_of
from stripe_simulator.due import cancel_due, due_work, schedule
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.items import metered, quantity_for, subscribable
from stripe_simulator.objects import Paged, included, listing, rendered, whole_list
from stripe_simulator.parameters import Closed, Metadata, Page, Parameters, Retrieve, Series
from stripe_simulator.payment_methods import attach
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document
from stripe_simulator.subscriptions import trial_of

__all__ = ["complete", "endpoints"]

endpoints = Endpoints()
KIND = "checkout.session"
DAY = 86400


class LineItem(Closed):
    """What is subscribed to."""

    price: str
    quantity: int | None = Field(default=None, ge=1)


class SubscriptionData(Closed):
    """What the subscription will have."""

    description: str | None = None
    metadata: dict[str, str] | None = None
    trial_end: int | None = None
    trial_period_days: int | None = Field(default=None, ge=1)


class SessionCreate(Parameters):
    """What a new session takes."""

    mode: Literal["subscription"]
    line_items: Series[LineItem]
    cancel_url: str | None = None
    client_reference_id: str | None = Field(default=None, max_length=200)
    customer: str | None = None
    customer_email: str | None = None
    expires_at: int | None = None
    metadata: Metadata = None
    subscription_data: SubscriptionData | None = None
    success_url: str | None = None
    ui_mode: Literal["hosted_page"] = "hosted_page"


class SessionList(Page):
    """Which sessions to list."""

    customer: str | None = None
    status: Literal["open", "complete", "expired"] | None = None
    subscription: str | None = None


@endpoints.post("/v1/checkout/sessions")
def create(context: Context, parameters: SessionCreate) -> Document:
    """A new session, with the address of its page."""
    if parameters.success_url is None:
        raise StripeError("Missing required param: success_url.", code="parameter_missing", param="success_url")
    if parameters.customer is not None:
        customer_of(context, parameters.customer)
    session = _blank(context, parameters)
    session["_items"] = _line_items(context, parameters)
    total = sum(item["amount_total"] for item in session["_items"])
    session |= {"amount_subtotal": total, "amount_total": total}
    session["currency"] = session["_items"][0]["currency"]
    context.store.add(session, customer=parameters.customer)
    schedule(context, session["expires_at"], "expire_checkout", session["id"])
    return session


def _line_items(context: Context, parameters: SessionCreate) -> list[Document]:
    if not parameters.line_items:
        raise StripeError("Missing required param: line_items.", code="parameter_missing", param="line_items")
    items = []
    for position, item in enumerate(parameters.line_items):
        price = subscribable(context, item.price, f"line_items[{position}][price]")
        quantity = quantity_for(price, item.quantity, f"line_items[{position}][quantity]")
        amount = 0 if metered(price) else amount_of(price, quantity or 0)
        items.append(
            {
                "id": new_id("li"),
                "object": "item",
                "adjustable_quantity": None,
                "amount_discount": 0,
                "amount_subtotal": amount,
                "amount_tax": 0,
                "amount_total": amount,
                "currency": price["currency"],
                "description": context.store.get("product", price["product"])["name"],
                "metadata": {},
                "price": price["id"],
                "quantity": quantity,
            }
        )
    return items


@included(KIND, "line_items")
def _items(context: Context, session: Document) -> Document:
    """What is subscribed to, told on request only."""
    stored = context.store.get(KIND, session["id"])["_items"]
    items = [{**item, "price": rendered(context, context.store.get("price", item["price"]))} for item in stored]
    return whole_list(context, items, f"/v1/checkout/sessions/{session['id']}/line_items")


@endpoints.get("/v1/checkout/sessions/{session}/line_items")
def line_items(context: Context, parameters: Page, identifier: str) -> Paged:
    """What is subscribed to."""
    stored = context.store.get(KIND, identifier, "session")["_items"]
    items = [{**item, "price": rendered(context, context.store.get("price", item["price"]))} for item in stored]
    return listing(items, parameters, f"/v1/checkout/sessions/{identifier}/line_items")


@endpoints.get("/v1/checkout/sessions/{session}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A session."""
    return context.store.get(KIND, identifier, "session")


@endpoints.post("/v1/checkout/sessions/{session}/expire")
def expire(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A session that nobody can complete any more."""
    session = context.store.get(KIND, identifier, "session")
    if session["status"] != "open":
        raise StripeError("Only Checkout Sessions with a status in [open] can be expired.")
    expire_checkout(context, identifier)
    return context.store.get(KIND, identifier)


@due_work("expire_checkout")
def expire_checkout(context: Context, identifier: str) -> None:
    """A session's time is over."""
    session = context.store.get(KIND, identifier)
    if session["status"] == "open":
        cancel_due(context, "expire_checkout", identifier)
        session |= {"status": "expired", "url": None}
        context.store.save(session)
        emit(context, "checkout.session.expired", session)


@endpoints.get("/v1/checkout/sessions")
def sessions(context: Context, parameters: SessionList) -> Paged:
    """Sessions, newest first."""
    found = (
        each
        for each in context.store.all(KIND, newest_first=True)
        if parameters.customer in (None, each["customer"])
        and parameters.status in (None, each["status"])
        and parameters.subscription in (None, each["subscription"])
    )
    return listing(found, parameters, "/v1/checkout/sessions")


def complete(context: Context, session: Document, card: str) -> Document:
    """A session, submitted with a card: its customer subscribes. Raises `Declined` when the card is."""
    if session["status"] != "open":
        raise StripeError(f"This Checkout Session is {session['status']}.")
    customer = session["customer"] or _new_customer(context, session)
    method = attach(context, card, customer)
    subscription = begin(context, _beginning(context, session, customer, method["id"]))
    cancel_due(context, "expire_checkout", session["id"])
    person = context.store.get("customer", customer)
    session |= {
        "customer": customer,
        "customer_details": {
            "address": person["address"],
            "business_name": None,
            "email": person["email"],
            "individual_name": None,
            "name": person["name"],
            "phone": person["phone"],
            "tax_exempt": "none",
            "tax_ids": [],
        },
        "invoice": subscription["latest_invoice"],
        "payment_status": "no_payment_required" if subscription["status"] == "trialing" else "paid",
        "status": "complete",
        "subscription": subscription["id"],
        "url": None,
    }
    context.store.save(session)
    emit(context, "checkout.session.completed", session)
    return session


def _new_customer(context: Context, session: Document) -> str:
    made = customers.create(context, customers.CustomerCreate(email=session["customer_email"]))
    return str(made["id"])


def _beginning(context: Context, session: Document, customer: str, method: str) -> Beginning:
    data = SubscriptionData.model_validate(session["_subscription_data"])
    return Beginning(
        customer=customer,
        items=[WantedItem(item["price"], item["quantity"]) for item in session["_items"]],
        metadata=data.metadata or {},
        default_payment_method=method,
        description=data.description,
        trial_end=trial_of(context, data.trial_end, data.trial_period_days),
        payment_behavior="error_if_incomplete",
    )


def _blank(context: Context, parameters: SessionCreate) -> Document:
    identifier = new_id("cs_test", 58)
    data = parameters.subscription_data or SubscriptionData()
    return {
        "id": identifier,
        "object": KIND,
        "adaptive_pricing": None,
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": 0,
        "amount_total": 0,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": parameters.cancel_url,
        "client_reference_id": parameters.client_reference_id,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": context.now,
        "currency": None,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": parameters.customer,
        "customer_account": None,
        "customer_creation": None if parameters.customer else "always",
        "customer_details": None,
        "customer_email": parameters.customer_email,
        "discounts": [],
        "expires_at": parameters.expires_at or context.now + DAY,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": None,
        "metadata": parameters.metadata or {},
        "mode": parameters.mode,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "always",
        "payment_method_configuration_details": None,
        "payment_method_options": None,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": parameters.success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": parameters.ui_mode,
        "url": f"{context.address}/c/pay/{identifier}",
        "wallet_options": None,
        "_subscription_data": data.model_dump(),
    }
