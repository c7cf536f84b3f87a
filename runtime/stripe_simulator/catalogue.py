"""All operations of the simulator."""

from __future__ import annotations

from stripe_simulator import (
    checkout,
    checkout_page,
    control,
    customers,
    entitlements,
    event_destinations,
    events,
    features,
    invoice_items,
    invoice_page,
    invoices,
    meter_events,
    meter_stream,
    meters,
    payment_methods,
    portal,
    portal_page,
    previews,
    prices,
    products,
    subscription_items,
    subscriptions,
    thin_events,
    webhook_endpoints,
)

__all__ = ["ENDPOINTS"]

MODULES = (
    checkout,
    checkout_page,
    control,
    customers,
    entitlements,
    event_destinations,
    events,
    features,
    invoice_items,
    invoice_page,
    invoices,
    meter_events,
    meter_stream,
    meters,
    payment_methods,
    portal,
    portal_page,
    previews,
    prices,
    products,
    subscription_items,
    subscriptions,
    thin_events,
    webhook_endpoints,
)
ENDPOINTS = [endpoint for module in MODULES for endpoint in module.endpoints.all]
