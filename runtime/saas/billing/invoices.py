"""Invoices as Stripe has them: `invoice.list` and `invoice.get`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import stripe

from generated.saas.billing import invoice_get, invoice_list
from generated.saas.billing.invoice import Invoice
from generated.saas.billing.invoice_get import InvoiceGetInput, InvoiceGetOutput, UnknownInvoice
from generated.saas.billing.invoice_line import InvoiceLine
from generated.saas.billing.invoice_list import InvoiceListInput, InvoiceListOutput
from saas.billing import organization
from saas.billing.asking_stripe import Asking, asking
from saas.billing.stripe_client import is_missing
from treaty_runtime.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from stripe.params import InvoiceListParams

__all__ = ["all_lines", "get", "list_invoices"]

PAGE = 100  # the most that Stripe gives at once


async def list_invoices(uow: UnitOfWork, payload: InvoiceListInput, /) -> InvoiceListOutput:
    """A page of the organization's invoices, newest first."""
    customer = await organization.stripe_customer(uow)
    if customer is None:
        return InvoiceListOutput(invoices=[], more=False)
    async with asking(uow, invoice_list.OPERATION) as asked:
        wanted: InvoiceListParams = {"customer": customer, "limit": payload.limit}
        if payload.after is not None:
            await _invoice_of(asked, customer, payload.after)
            wanted["starting_after"] = payload.after
        page = await asked.client.v1.invoices.list_async(wanted)
    return InvoiceListOutput(invoices=[_invoice(each) for each in page.data], more=page.has_more)


async def get(uow: UnitOfWork, payload: InvoiceGetInput, /) -> InvoiceGetOutput:
    """One invoice, and everything that it is made of."""
    customer = await organization.stripe_customer(uow)
    if customer is None:
        raise UnknownInvoice
    async with asking(uow, invoice_get.OPERATION) as asked:
        found = await _invoice_of(asked, customer, payload.invoice_id)
        lines = await all_lines(asked, found)
    return InvoiceGetOutput(invoice=_invoice(found), lines=lines)


async def _invoice_of(asked: Asking, customer: str, invoice_id: str) -> stripe.Invoice:
    """The invoice. Raises the operation's `unknown_invoice` for somebody else's, too."""
    try:
        found = await asked.client.v1.invoices.retrieve_async(invoice_id)
    except stripe.InvalidRequestError as error:
        if is_missing(error):
            raise asked.refusal("unknown_invoice") from error
        raise
    if found.customer != customer:
        raise asked.refusal("unknown_invoice")
    return found


async def all_lines(asked: Asking, invoice: stripe.Invoice) -> list[InvoiceLine]:
    """Everything that an invoice or a preview is made of; Stripe's answer itself has ten lines at most."""
    page = invoice.lines
    if page.has_more:
        page = await asked.client.v1.invoices.line_items.list_async(invoice.id, {"limit": PAGE})
    return [_line(each) async for each in page.auto_paging_iter()]


def _line(each: stripe.InvoiceLineItem) -> InvoiceLine:
    price = getattr(each.pricing, "price_details", None)  # left out by Stripe where there is none
    return InvoiceLine(
        description=each.description,
        price_id=str(price.price) if price else None,
        quantity=each.quantity,
        amount=each.amount,
        period_start=_moment(each.period.start),
        period_end=_moment(each.period.end),
    )


def _invoice(found: stripe.Invoice) -> Invoice:
    return Invoice(
        id=str(found.id),
        number=found.number,
        status=found.status or "draft",
        currency=found.currency,
        total=found.total,
        amount_due=found.amount_due,
        amount_paid=found.amount_paid,
        created_at=_moment(found.created),
        page_url=getattr(found, "hosted_invoice_url", None),
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
