"""Payments that failed, and whether Stripe tries them again: `dunning.check`."""

from __future__ import annotations

import structlog
from stripe import Invoice, StripeClient

from generated.saas.billing.dunning_check import DunningCheckInput, DunningCheckOutput
from saas.billing import organization
from saas.billing import subscription as subscriptions
from saas.billing.stripe_client import stripe_client
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["check"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("saas.billing")

HINT = "Turn on Smart Retries, or a schedule of your own, in Stripe's settings for billing."


async def check(uow: UnitOfWork, _payload: DunningCheckInput, /) -> DunningCheckOutput:
    """Look at the open invoices of who is behind with a payment, and warn of those that were tried once and for all."""
    customer_id, subscription = await organization.stripe_customer(uow), await subscriptions.find(uow)
    if customer_id is None or subscription is None or subscription.past_due_since is None:
        return DunningCheckOutput(failed=0, unplanned=[])
    failed = await _failed(await stripe_client(uow.settings), customer_id)
    unplanned = [invoice.id for invoice in failed if _only_tried_once(invoice)]
    if unplanned:
        log.warning("payment_not_retried", organization=str(uow.tenant), invoices=unplanned, hint=HINT)
    return DunningCheckOutput(failed=len(failed), unplanned=unplanned)


async def _failed(client: StripeClient, customer_id: str) -> list[Invoice]:
    page = await client.v1.invoices.list_async({"customer": customer_id, "status": "open", "limit": 100})
    return [
        invoice
        async for invoice in page.auto_paging_iter()
        if invoice.attempted and invoice.collection_method == "charge_automatically"
    ]


def _only_tried_once(invoice: Invoice) -> bool:
    """Whether no other attempt is planned after only one: retries end some day, but not after the first."""
    return invoice.next_payment_attempt is None and invoice.attempt_count <= 1
