"""How invoices come to be: drafts with lines, finalized with a number, and what they add up to."""

from __future__ import annotations

from stripe_simulator.context import Context, new_id
from stripe_simulator.due import cancel_due, schedule
from stripe_simulator.events import emit
from stripe_simulator.invoice_lines import recounted
from stripe_simulator.storage import Document

__all__ = ["FINALIZES_AFTER", "draft", "finalize", "in_order", "summed"]

FINALIZES_AFTER = 60 * 60  # seconds, so that late usage still counts


def draft(
    context: Context, subscription: Document, reason: str, lines: list[Document], period: tuple[int, int]
) -> Document:
    """A new invoice of a subscription. Invoice items among its lines are in it from now on."""
    customer = context.store.get("customer", subscription["customer"])
    invoice = _blank(context, customer, subscription, reason, period)
    invoice["_lines"] = [{**line, "invoice": invoice["id"]} for line in lines]
    _claim_items(context, invoice)
    context.store.add(summed(invoice), customer=customer["id"], parent=subscription["id"])
    subscription["latest_invoice"] = invoice["id"]
    context.store.save(subscription)
    emit(context, "invoice.created", invoice)
    return invoice


def _claim_items(context: Context, invoice: Document) -> None:
    for line in invoice["_lines"]:
        details = line["parent"]["invoice_item_details"]
        if details is not None:
            invoice_item = context.store.get("invoiceitem", details["invoice_item"])
            context.store.save({**invoice_item, "invoice": invoice["id"]})


def summed(invoice: Document) -> Document:
    """An invoice with the sums of its lines."""
    total = sum(line["amount"] for line in invoice["_lines"])
    # Credit from before pays first; an invoice below zero becomes credit.
    credit = min(max(total, 0), max(-invoice["starting_balance"], 0))
    due = max(total, 0) - credit
    invoice |= {
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
        "amount_due": due,
        "amount_remaining": due - invoice["amount_paid"],
    }
    return invoice


def in_order(context: Context, subscription: Document, reason: str, lines: list[Document]) -> Document:
    """An invoice that is finalized at once."""
    periods = [line["period"] for line in lines] or [{"start": context.now, "end": context.now}]
    period = (min(each["start"] for each in periods), max(each["end"] for each in periods))
    return finalize(context, draft(context, subscription, reason, lines, period))


def finalize_later(context: Context, invoice: Document) -> None:
    """Leave a draft open for late usage, then finalize and collect it."""
    at = context.now + FINALIZES_AFTER
    context.store.save({**invoice, "automatically_finalizes_at": at})
    schedule(context, at, "finalize", invoice["id"])


def finalize(context: Context, invoice: Document) -> Document:
    """An invoice that no longer changes, numbered, its usage counted for the last time."""
    cancel_due(context, "finalize", invoice["id"])
    customer = context.store.get("customer", invoice["customer"])
    invoice["_lines"] = [recounted(context, line) for line in invoice["_lines"]]
    invoice["starting_balance"] = customer.get("balance", 0)
    summed(invoice)
    used = max(invoice["total"], 0) - invoice["amount_due"]
    invoice["ending_balance"] = invoice["starting_balance"] + used + min(invoice["total"], 0)
    if not customer.get("deleted"):
        invoice["number"] = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
        customer["next_invoice_sequence"] += 1
        customer["balance"] = invoice["ending_balance"]
        customer["currency"] = invoice["currency"]
        context.store.save(customer)
    invoice |= {
        "status": "open",
        "effective_at": context.now,
        "automatically_finalizes_at": None,
        "hosted_invoice_url": f"{context.address}/i/{invoice['id']}",
        "invoice_pdf": f"{context.address}/i/{invoice['id']}",
    }
    invoice["status_transitions"]["finalized_at"] = context.now
    context.store.save(invoice)
    emit(context, "invoice.finalized", invoice)
    return invoice


def _blank(
    context: Context, customer: Document, subscription: Document, reason: str, period: tuple[int, int]
) -> Document:
    return {
        "id": new_id("in"),
        "object": "invoice",
        "account_country": "US",
        "account_name": "Simulated",
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": None,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": context.now,
        "currency": subscription["currency"],
        "custom_fields": None,
        "customer": customer["id"],
        "customer_account": None,
        "customer_address": customer.get("address"),
        "customer_email": customer.get("email"),
        "customer_name": customer.get("name"),
        "customer_phone": customer.get("phone"),
        "customer_shipping": None,
        "customer_tax_exempt": customer.get("tax_exempt"),
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
            },
        },
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "period_end": period[1],
        "period_start": period[0],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": customer.get("balance", 0),
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "test_clock": None,
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": None,
    }
