"""Every operation is called once through the SDK, and what it answers fits the SDK's classes, field by field."""

from __future__ import annotations

from uuid import uuid4

import stripe

from stripe_simulator import Simulator
from stripe_simulator.catalogue import ENDPOINTS
from tests.stripe_simulator.conftest import Checking, Shop, client_of


def test_every_answer_fits_the_sdk(simulator: Simulator) -> None:
    """The client compares each answer; in the end, no operation was left out."""
    http = Checking()
    shop = Shop(simulator, client_of(simulator, http=http))
    catalogue(shop)
    usage(shop, http)
    subscription = subscriptions(shop)
    invoices(shop, subscription)
    pages(shop)
    webhooks(shop)
    left = {
        (endpoint.method, endpoint.path)
        for endpoint in ENDPOINTS
        if endpoint.path.startswith(("/v1/", "/v2/")) and (endpoint.method, endpoint.shape()) not in http.called
    }
    assert left == set()


def catalogue(shop: Shop) -> None:
    """Customers, their cards, products, features and prices."""
    v1 = shop.client.v1
    customer = v1.customers.create(
        {
            "name": "Acme",
            "email": "acme@example.com",
            "address": {"city": "Berlin", "country": "DE"},
            "metadata": {"organization": "1"},
            "payment_method": "pm_card_mastercard",
        }
    )
    v1.customers.update(customer.id, {"metadata": {"organization": ""}, "phone": "1", "description": ""})
    assert not v1.customers.retrieve(customer.id, {"expand": ["subscriptions"]}).to_dict()["metadata"]
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    v1.payment_methods.retrieve(card.id)
    assert len(v1.payment_methods.list({"customer": customer.id}).data) == 2
    v1.payment_methods.detach(card.id)
    v1.customers.list({"email": "acme@example.com", "limit": 1})
    product = v1.products.create({"name": "Basic", "metadata": {"a": "b"}})
    v1.products.update(product.id, {"description": "The basics", "unit_label": "seat"})
    v1.products.retrieve(product.id)
    v1.products.list({"ids": [product.id]})
    feature = v1.entitlements.features.create({"name": "Export", "lookup_key": f"export-{uuid4().hex}"})
    v1.entitlements.features.update(feature.id, {"name": "Exports"})
    v1.entitlements.features.retrieve(feature.id)
    v1.entitlements.features.list({"lookup_key": feature.lookup_key})
    attached = v1.products.features.create(product.id, {"entitlement_feature": feature.id})
    v1.products.features.retrieve(product.id, attached.id)
    v1.products.features.list(product.id)
    v1.products.features.delete(product.id, attached.id)
    v1.products.delete(v1.products.create({"name": "Never sold"}).id)
    tiers: list[stripe.params.PriceCreateParamsTier] = [
        {"up_to": 10, "unit_amount": 100},
        {"up_to": "inf", "unit_amount": 50, "flat_amount": 10},
    ]
    price = v1.prices.create(
        {
            "currency": "eur",
            "product": product.id,
            "billing_scheme": "tiered",
            "tiers_mode": "graduated",
            "tiers": tiers,
            "recurring": {"interval": "year"},
            "lookup_key": uuid4().hex,
        }
    )
    v1.prices.update(price.id, {"nickname": "Yearly"})
    assert v1.prices.retrieve(price.id, {"expand": ["tiers", "product"]}).tiers is not None
    v1.prices.list({"product": product.id, "expand": ["data.tiers"]})
    v1.customers.delete(v1.customers.create().id)


def usage(shop: Shop, http: Checking) -> None:
    """Meters, events in every way, adjustments, summaries."""
    v1, v2 = shop.client.v1, shop.client.v2
    customer, meter = shop.customer(), shop.meter()
    v1.billing.meters.update(meter.id, {"display_name": "Calls of the API"})
    v1.billing.meters.deactivate(meter.id)
    v1.billing.meters.reactivate(meter.id)
    v1.billing.meters.retrieve(meter.id)
    v1.billing.meters.list({"status": "active"})
    payload = {"stripe_customer_id": customer.id, "value": "7"}
    first = v1.billing.meter_events.create({"event_name": meter.event_name, "payload": payload})
    second = v2.billing.meter_events.create({"event_name": meter.event_name, "payload": payload})
    session = v2.billing.meter_event_session.create()
    streaming = client_of(shop.simulator, session.authentication_token, http=http)
    streaming.v2.billing.meter_event_stream.create({"events": [{"event_name": meter.event_name, "payload": payload}]})
    start = first.timestamp // 3600 * 3600
    window: stripe.params.billing.MeterListEventSummariesParams = {
        "customer": customer.id,
        "start_time": start,
        "end_time": start + 7200,
        "value_grouping_window": "hour",
    }
    assert sum(each.aggregated_value for each in v1.billing.meters.event_summaries.list(meter.id, window).data) == 21
    v1.billing.meter_event_adjustments.create(
        {"event_name": meter.event_name, "type": "cancel", "cancel": {"identifier": first.identifier}}
    )
    v2.billing.meter_event_adjustments.create(
        {"event_name": meter.event_name, "type": "cancel", "cancel": {"identifier": second.identifier}}
    )
    assert sum(each.aggregated_value for each in v1.billing.meters.event_summaries.list(meter.id, window).data) == 7


def subscriptions(shop: Shop) -> stripe.Subscription:
    """Subscriptions and their items; one that is left, with an invoice to come."""
    v1 = shop.client.v1
    customer, product = shop.customer(), shop.product(f"reports-{uuid4().hex}")
    price, metered = shop.seats(1000, product.id), shop.usage(shop.meter())
    subscription = v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": price.id, "quantity": 2}, {"price": metered.id}],
            "metadata": {"organization": "1"},
            "expand": ["latest_invoice", "customer", "items.data.price.product"],
        }
    )
    v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True, "metadata": {"more": "x"}})
    v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    v1.subscriptions.retrieve(subscription.id)
    v1.subscriptions.list({"customer": customer.id, "status": "all", "expand": ["data.latest_invoice"]})
    item = v1.subscription_items.list({"subscription": subscription.id}).data[-1]
    v1.subscription_items.update(item.id, {"quantity": 3})
    v1.subscription_items.retrieve(item.id)
    added = v1.subscription_items.create({"subscription": subscription.id, "price": shop.seats(200).id})
    v1.subscription_items.delete(added.id)
    waiting = v1.invoice_items.list({"customer": customer.id, "pending": True}).data
    v1.invoice_items.retrieve(waiting[0].id)
    entitlement = v1.entitlements.active_entitlements.list({"customer": customer.id, "expand": ["data.feature"]}).data[
        0
    ]
    v1.entitlements.active_entitlements.retrieve(entitlement.id)
    other = v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}], "trial_period_days": 7})
    v1.subscriptions.cancel(other.id, {"prorate": True, "invoice_now": True})
    paused = v1.subscriptions.create(
        {
            "customer": shop.customer(None).id,
            "items": [{"price": price.id}],
            "trial_end": shop.simulator.ask("clock")["now"] + 60,
            "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
        }
    )
    shop.simulator.advance(120)
    assert v1.subscriptions.retrieve(paused.id).status == "paused"
    buyer = paused.customer if isinstance(paused.customer, str) else paused.customer.id
    card = v1.payment_methods.attach("pm_card_visa", {"customer": buyer})
    v1.customers.update(buyer, {"invoice_settings": {"default_payment_method": card.id}})
    assert v1.subscriptions.resume(paused.id).status == "active"
    return subscription


def invoices(shop: Shop, subscription: stripe.Subscription) -> None:
    """Previews, invoices and what can be done with them."""
    v1 = shop.client.v1
    customer = subscription.customer.id if isinstance(subscription.customer, stripe.Customer) else subscription.customer
    v1.invoices.create_preview({"subscription": subscription.id})
    shop.simulator.order(f"customers/{customer}/payments", failing=True)
    shop.simulator.order(f"subscriptions/{subscription.id}/close_period")
    (invoice,) = v1.invoices.list({"customer": customer, "status": "open"}).data
    v1.invoices.update(invoice.id, {"description": "Thank you"})
    v1.invoices.line_items.list(invoice.id)
    shop.simulator.order(f"customers/{customer}/payments", failing=False)
    assert v1.invoices.pay(invoice.id).status == "paid"
    v1.invoices.retrieve(invoice.id, {"expand": ["customer", "parent.subscription_details.subscription"]})
    shop.simulator.order(f"customers/{customer}/payments", failing=True)
    item = v1.subscription_items.list({"subscription": subscription.id}).data[-1]
    v1.subscription_items.update(item.id, {"quantity": 30, "proration_behavior": "always_invoice"})
    (unpaid,) = v1.invoices.list({"customer": customer, "status": "open"}).data
    v1.invoices.void_invoice(unpaid.id)
    end = v1.subscription_items.retrieve(item.id).current_period_end
    shop.simulator.order("clock", now=end)
    (draft,) = v1.invoices.list({"subscription": subscription.id, "status": "draft"}).data
    assert v1.invoices.finalize_invoice(draft.id).status == "open"
    v1.invoices.mark_uncollectible(draft.id)


def pages(shop: Shop) -> None:
    """Checkout and portal sessions."""
    v1 = shop.client.v1
    customer, price = shop.customer(None), shop.seats()
    new: stripe.params.checkout.SessionCreateParams = {
        "mode": "subscription",
        "customer": customer.id,
        "client_reference_id": "organization-1",
        "line_items": [{"price": price.id, "quantity": 2}],
        "success_url": "http://localhost/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost/",
        "subscription_data": {"metadata": {"organization": "1"}},
        "expand": ["line_items"],
    }
    session = v1.checkout.sessions.create(new)
    v1.checkout.sessions.line_items.list(session.id)
    v1.checkout.sessions.expire(v1.checkout.sessions.create(new).id)
    shop.simulator.order(f"checkout/{session.id}/complete")
    v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription", "invoice", "customer"]})
    v1.checkout.sessions.list({"customer": customer.id})
    v1.billing_portal.sessions.create({"customer": customer.id, "return_url": "http://localhost/"})


def webhooks(shop: Shop) -> None:
    """Where events go, and the events themselves."""
    v1, v2 = shop.client.v1, shop.client.v2
    endpoint = v1.webhook_endpoints.create({"url": "http://localhost:1/hook", "enabled_events": ["customer.created"]})
    v1.webhook_endpoints.update(endpoint.id, {"disabled": True, "metadata": {"a": "b"}})
    v1.webhook_endpoints.retrieve(endpoint.id)
    v1.webhook_endpoints.list()
    v1.webhook_endpoints.delete(endpoint.id)
    destination = v2.core.event_destinations.create(
        {
            "name": "thin ones",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v2.core.event_destination.ping"],
            "webhook_endpoint": {"url": "http://localhost:1/thin"},
            "include": ["webhook_endpoint.signing_secret", "webhook_endpoint.url"],
        }
    )
    v2.core.event_destinations.disable(destination.id)
    v2.core.event_destinations.enable(destination.id)
    v2.core.event_destinations.retrieve(destination.id, {"include": ["webhook_endpoint.url"]})
    v2.core.event_destinations.list({"limit": 5})
    v2.core.event_destinations.ping(destination.id)
    v2.core.event_destinations.delete(destination.id)
    newest = v1.events.list({"types": ["customer.created", "invoice.paid"], "limit": 2}).data[0]
    v1.events.retrieve(newest.id)
    thin = v2.core.events.list({"limit": 3})
    assert thin.next_page_url is not None
    v2.core.events.retrieve(thin.data[0].id)
    snapshots = sum(1 for _ in v1.events.list({"limit": 100}).auto_paging_iter())
    assert sum(1 for _ in v2.core.events.list({"limit": 100}).auto_paging_iter()) > snapshots
