"""Invoices, `/v1/invoices`: listed, looked ahead at, finalized, paid, voided."""

from __future__ import annotations

from typing import Literal

from stripe_simulator.collecting import give_up, pay, void
from stripe_simulator.context import Context
from stripe_simulator.errors import StripeError
from stripe_simulator.events import emit
from stripe_simulator.invoicing import finalize
from stripe_simulator.objects import Paged, listing, rendered, renders, whole_list
from stripe_simulator.parameters import Metadata, Page, Parameters, Range, Retrieve, merged_metadata
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["PREVIEWED", "endpoints"]

endpoints = Endpoints()
KIND = "invoice"
PREVIEWED = "invoice_preview"  # of which the lines are kept


class InvoiceUpdate(Parameters):
    """What can be changed of an invoice."""

    auto_advance: bool | None = None
    description: str | None = None
    metadata: Metadata = None


class InvoiceFinalize(Parameters):
    """What finalizing takes."""

    auto_advance: bool | None = None


class InvoicePay(Parameters):
    """What paying takes."""

    off_session: bool | None = None
    payment_method: str | None = None


class InvoiceList(Page):
    """Which invoices to list."""

    created: Range | None = None
    customer: str | None = None
    status: Literal["draft", "open", "paid", "uncollectible", "void"] | None = None
    subscription: str | None = None


@renders(KIND)
def _with_lines(context: Context, invoice: Document) -> Document:
    url = f"/v1/invoices/{invoice['id']}/lines"
    return {**invoice, "lines": whole_list(context, invoice["_lines"], url)}


@endpoints.get("/v1/invoices/{invoice}")
def retrieve(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """An invoice."""
    return context.store.get(KIND, identifier, "invoice")


@endpoints.post("/v1/invoices/{invoice}")
def update(context: Context, parameters: InvoiceUpdate, identifier: str) -> Document:
    """An invoice, changed."""
    invoice = context.store.get(KIND, identifier, "invoice")
    before = rendered(context, invoice)
    sent = parameters.sent()
    if "metadata" in sent:
        sent["metadata"] = merged_metadata(invoice["metadata"], sent["metadata"])
    changed = context.store.save(invoice | sent)
    emit(context, "invoice.updated", changed, {name: before[name] for name in sent if before[name] != changed[name]})
    return changed


@endpoints.post("/v1/invoices/{invoice}/finalize")
def finalize_invoice(context: Context, parameters: InvoiceFinalize, identifier: str) -> Document:
    """A draft, finalized."""
    invoice = context.store.get(KIND, identifier, "invoice")
    if invoice["status"] != "draft":
        raise StripeError("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    return finalize(context, invoice)


@endpoints.post("/v1/invoices/{invoice}/pay")
def pay_invoice(context: Context, parameters: InvoicePay, identifier: str) -> Document:
    """An invoice, paid."""
    return pay(context, context.store.get(KIND, identifier, "invoice"), parameters.payment_method)


@endpoints.post("/v1/invoices/{invoice}/void")
def void_invoice(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """An invoice, void."""
    return void(context, context.store.get(KIND, identifier, "invoice"))


@endpoints.post("/v1/invoices/{invoice}/mark_uncollectible")
def mark_uncollectible(context: Context, parameters: Retrieve, identifier: str) -> Document:
    """An invoice that nobody expects to be paid."""
    return give_up(context, context.store.get(KIND, identifier, "invoice"))


@endpoints.get("/v1/invoices/{invoice}/lines")
def lines(context: Context, parameters: Page, identifier: str) -> Paged:
    """All lines of an invoice or of a preview."""
    kind = PREVIEWED if identifier.startswith("upcoming_in_") else KIND
    invoice = context.store.get(kind, identifier, "invoice")
    return listing(invoice["_lines"], parameters, f"/v1/invoices/{identifier}/lines")


@endpoints.get("/v1/invoices")
def invoices(context: Context, parameters: InvoiceList) -> Paged:
    """Invoices, newest first."""
    found = context.store.all(KIND, customer=parameters.customer, parent=parameters.subscription, newest_first=True)
    wanted = (
        each
        for each in found
        if parameters.status in (None, each["status"])
        and (parameters.created is None or each["created"] in parameters.created)
    )
    return listing(wanted, parameters, "/v1/invoices")
