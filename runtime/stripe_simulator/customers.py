"""Customers, `/v1/customers`."""

from __future__ import annotations

from typing import Any

from stripe_simulator.cancellation import cancel_now
from stripe_simulator.context import Context, new_id
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.objects import Paged, deleted, included, listing, whole_list
from stripe_simulator.parameters import (
    Clearable,
    Closed,
    Metadata,
    Nothing,
    Page,
    Parameters,
    Range,
    Retrieve,
    Series,
    merged_metadata,
)
from stripe_simulator.payment_methods import attach
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["customer_of", "endpoints"]

endpoints = Endpoints()


class Address(Closed):
    """Where a customer is."""

    city: str | None = None
    country: str | None = None
    line1: str | None = None
    line2: str | None = None
    postal_code: str | None = None
    state: str | None = None


class InvoiceSettings(Closed):
    """How a customer's invoices are paid."""

    default_payment_method: str | None = None


class CustomerCreate(Parameters):
    """What a new customer takes."""

    address: Clearable[Address] = None
    description: str | None = None
    email: str | None = None
    invoice_settings: InvoiceSettings | None = None
    metadata: Metadata = None
    name: str | None = None
    payment_method: str | None = None
    phone: str | None = None
    preferred_locales: Series[str] | None = None


class CustomerUpdate(Parameters):
    """What can be changed of a customer."""

    address: Clearable[Address] = None
    description: Clearable[str] = None
    email: Clearable[str] = None
    invoice_settings: InvoiceSettings | None = None
    metadata: Metadata = None
    name: Clearable[str] = None
    phone: Clearable[str] = None
    preferred_locales: Series[str] | None = None


class CustomerList(Page):
    """Which customers to list."""

    created: Range | None = None
    email: str | None = None


def customer_of(context: Context, identifier: str, param: str = "customer") -> Document:
    """A customer that is not deleted. Raises `Missing`, or `StripeError` when it is."""
    customer = context.store.get("customer", identifier, param)
    if customer.get("deleted"):
        raise StripeError(f"No such customer: '{identifier}'; it was deleted.", code="resource_missing", param=param)
    return customer


@endpoints.post("/v1/customers")
def create(context: Context, parameters: CustomerCreate) -> Document:
    """A new customer."""
    customer = _blank(context) | _fields(parameters)
    customer["metadata"] = parameters.metadata or {}
    context.store.add(customer, customer=customer["id"])
    method = parameters.payment_method
    if method is not None:
        method = attach(context, method, customer["id"])["id"]
    wanted = parameters.invoice_settings.default_payment_method if parameters.invoice_settings else None
    if wanted is not None:
        same = parameters.payment_method == wanted
        customer["invoice_settings"]["default_payment_method"] = method if same else wanted
    context.store.save(customer)
    emit(context, "customer.created", customer)
    return customer


def _blank(context: Context) -> Document:
    return {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "business_name": None,
        "created": context.now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "individual_name": None,
        "invoice_prefix": new_id("", 8)[1:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def _fields(parameters: CustomerCreate | CustomerUpdate) -> dict[str, Any]:
    """What is stored as it was said."""
    sent = parameters.model_dump(include=parameters.model_fields_set)
    return {
        name: value
        for name, value in sent.items()
        if name not in ("expand", "invoice_settings", "metadata", "payment_method")
    }


@endpoints.get("/v1/customers/{customer}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A customer, or that it was deleted."""
    return context.store.get("customer", identifier)


@endpoints.post("/v1/customers/{customer}")
def update(context: Context, parameters: CustomerUpdate, identifier: str) -> Document:
    """A customer, changed."""
    customer = customer_of(context, identifier, "id")
    changed = customer | _fields(parameters)
    if "metadata" in parameters.model_fields_set:
        changed["metadata"] = merged_metadata(customer["metadata"], parameters.metadata)
    if parameters.invoice_settings is not None:
        method = parameters.invoice_settings.default_payment_method
        changed["invoice_settings"] = {**customer["invoice_settings"], "default_payment_method": method or None}
    context.store.save(changed)
    before = {name: customer[name] for name in changed if customer[name] != changed[name]}
    emit(context, "customer.updated", changed, before)
    return changed


@endpoints.delete("/v1/customers/{customer}")
def delete(context: Context, parameters: Nothing, identifier: str) -> Document:
    """A customer, deleted; its subscriptions end at once."""
    customer = customer_of(context, identifier, "id")
    for subscription in context.store.all("subscription", customer=identifier):
        if subscription["status"] not in ("canceled", "incomplete_expired"):
            cancel_now(context, subscription)
    context.store.save(deleted(customer))
    emit(context, "customer.deleted", customer)
    return deleted(customer)


@endpoints.get("/v1/customers")
def customers(context: Context, parameters: CustomerList) -> Paged:
    """Customers, newest first."""
    found = (
        each
        for each in context.store.all("customer", newest_first=True)
        if not each.get("deleted")
        and (parameters.email is None or each["email"] == parameters.email)
        and (parameters.created is None or each["created"] in parameters.created)
    )
    return listing(found, parameters, "/v1/customers")


@included("customer", "subscriptions")
def _subscriptions(context: Context, customer: Document) -> Document:
    """The customer's subscriptions that did not end."""
    found = context.store.all("subscription", customer=customer["id"], newest_first=True)
    current = (each for each in found if each["status"] not in ("canceled", "incomplete_expired"))
    return whole_list(context, current, f"/v1/customers/{customer['id']}/subscriptions")
