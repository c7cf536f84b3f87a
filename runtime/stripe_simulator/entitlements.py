"""What customers may use now, `/v1/entitlements/active_entitlements`: the features of what they subscribe to."""

from __future__ import annotations

from stripe_simulator.context import Context, new_id
from stripe_simulator.events import emit
from stripe_simulator.objects import Paged, listing, whole_list
from stripe_simulator.parameters import Page, Retrieve
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["endpoints", "refresh", "refresh_all"]

endpoints = Endpoints()
KIND = "entitlements.active_entitlement"
ENTITLING = ("active", "trialing", "past_due")


class EntitlementList(Page):
    """Whose entitlements to list."""

    customer: str


def refresh(context: Context, customer: str) -> None:
    """Make a customer's entitlements what the subscriptions say, and tell of it when that changes something."""
    wanted = _features(context, customer)
    current = {each["feature"]: each for each in context.store.all(KIND, customer=customer)}
    for feature in current.keys() - wanted.keys():
        context.store.remove(current[feature]["id"])
    for feature in wanted.keys() - current.keys():
        context.store.add(_entitlement(feature, wanted[feature]), customer=customer)
    if wanted.keys() != current.keys():
        emit(context, "entitlements.active_entitlement_summary.updated", _summary(context, customer))


def refresh_all(context: Context, product: str) -> None:
    """The same for all who subscribe to a product."""
    customers = {
        each["customer"] for each in context.store.all("subscription") if product in _products(context, each["id"])
    }
    for customer in sorted(customers):
        refresh(context, customer)


def _features(context: Context, customer: str) -> dict[str, str]:
    """Lookup keys by feature."""
    found: dict[str, str] = {}
    for subscription in context.store.all("subscription", customer=customer):
        if subscription["status"] not in ENTITLING:
            continue
        for product in _products(context, subscription["id"]):
            for attached in context.store.all("product_feature", parent=product):
                feature = context.store.get("entitlements.feature", attached["entitlement_feature"])
                found[feature["id"]] = feature["lookup_key"]
    return found


def _products(context: Context, subscription: str) -> list[str]:
    items = context.store.all("subscription_item", parent=subscription)
    return [context.store.get("price", item["price"])["product"] for item in items]


def _entitlement(feature: str, lookup_key: str) -> Document:
    return {
        "id": new_id("ent_test"),
        "object": KIND,
        "feature": feature,
        "livemode": False,
        "lookup_key": lookup_key,
    }


def _summary(context: Context, customer: str) -> Document:
    """What the event carries: the first page only, as Stripe does."""
    found = context.store.all(KIND, customer=customer, newest_first=True)
    return {
        "object": "entitlements.active_entitlement_summary",
        "customer": customer,
        "entitlements": whole_list(context, found, f"/v1/customer/{customer}/entitlements"),
        "livemode": False,
    }


@endpoints.get("/v1/entitlements/active_entitlements/{id}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """An entitlement."""
    return context.store.get(KIND, identifier)


@endpoints.get("/v1/entitlements/active_entitlements")
def entitlements(context: Context, parameters: EntitlementList) -> Paged:
    """A customer's entitlements."""
    context.store.get("customer", parameters.customer, "customer")
    found = context.store.all(KIND, customer=parameters.customer, newest_first=True)
    return listing(found, parameters, "/v1/entitlements/active_entitlements")
