"""What waits for a customer's next invoice, `/v1/invoiceitems`."""

from __future__ import annotations

from stripe_simulator.context import Context
from stripe_simulator.objects import Paged, listing
from stripe_simulator.parameters import Page, Retrieve
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["endpoints"]

endpoints = Endpoints()
KIND = "invoiceitem"


class InvoiceItemList(Page):
    """Which invoice items to list."""

    customer: str | None = None
    invoice: str | None = None
    pending: bool | None = None


@endpoints.get("/v1/invoiceitems/{invoiceitem}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """An invoice item."""
    return context.store.get(KIND, identifier, "invoiceitem")


@endpoints.get("/v1/invoiceitems")
def invoice_items(context: Context, parameters: InvoiceItemList) -> Paged:
    """Invoice items, newest first."""
    found = (
        each
        for each in context.store.all(KIND, customer=parameters.customer, newest_first=True)
        if parameters.invoice in (None, each["invoice"]) and parameters.pending in (None, each["invoice"] is None)
    )
    return listing(found, parameters, "/v1/invoiceitems")
