"""How customers pay, `/v1/payment_methods`: Stripe's cards for tests, of which some fail when they are charged."""

from __future__ import annotations

from stripe_simulator.context import Context, new_id
from stripe_simulator.errors import Missing, StripeError
from stripe_simulator.objects import Paged, listing
from stripe_simulator.parameters import Page, Parameters, Retrieve
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["attach", "endpoints"]

endpoints = Endpoints()
KIND = "payment_method"
# Name -> brand, the last four digits, and what a charge is declined with.
CARDS: dict[str, tuple[str, str, str | None]] = {
    "pm_card_visa": ("visa", "4242", None),
    "pm_card_mastercard": ("mastercard", "4444", None),
    "pm_card_chargeCustomerFail": ("visa", "0341", "card_declined"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("visa", "9995", "insufficient_funds"),
}


class MethodAttach(Parameters):
    """What attaching takes."""

    customer: str


class MethodList(Page):
    """Whose payment methods to list."""

    customer: str
    type: str | None = None


def attach(context: Context, identifier: str, customer: str) -> Document:
    """A customer's new card. Raises `Missing` for a card that is none of those for tests."""
    card = CARDS.get(identifier)
    if card is None:
        return _attach_again(context, identifier, customer)
    brand, last4, declined = card
    method = {
        "id": new_id("pm"),
        "object": KIND,
        "allow_redisplay": "unspecified",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "card": _card(brand, last4),
        "created": context.now,
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_declined": declined,
    }
    context.store.add(method, parent=customer)
    return method


def _attach_again(context: Context, identifier: str, customer: str) -> Document:
    method = context.store.find(identifier)
    if method is None or method["object"] != KIND:
        raise Missing("PaymentMethod", identifier, "payment_method")
    if method["customer"] != customer:
        raise StripeError("The payment method was attached to another customer, or detached. Use another one.")
    return method


def _card(brand: str, last4: str) -> Document:
    return {
        "brand": brand,
        "checks": None,
        "country": "US",
        "display_brand": brand,
        "exp_month": 12,
        "exp_year": 2040,
        "fingerprint": None,
        "funding": "credit",
        "generated_from": None,
        "last4": last4,
        "networks": None,
        "regulated_status": "unregulated",
        "three_d_secure_usage": None,
        "wallet": None,
    }


@endpoints.post("/v1/payment_methods/{payment_method}/attach")
def attach_method(context: Context, parameters: MethodAttach, identifier: str) -> Document:
    """A card, attached to a customer."""
    context.store.get("customer", parameters.customer, "customer")
    return attach(context, identifier, parameters.customer)


@endpoints.post("/v1/payment_methods/{payment_method}/detach")
def detach(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A card that nobody pays with any more."""
    method = context.store.get(KIND, identifier, "payment_method")
    method["customer"] = None
    return context.store.save(method)


@endpoints.get("/v1/payment_methods/{payment_method}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """A card."""
    return context.store.get(KIND, identifier, "payment_method")


@endpoints.get("/v1/payment_methods")
def methods(context: Context, parameters: MethodList) -> Paged:
    """A customer's cards, newest first."""
    found = (
        each
        for each in context.store.all(KIND, parent=parameters.customer, newest_first=True)
        if each["customer"] == parameters.customer and parameters.type in (None, each["type"])
    )
    return listing(found, parameters, "/v1/payment_methods")
