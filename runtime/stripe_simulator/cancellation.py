"""How subscriptions end: now, at the end of the period, or because nobody pays."""

from __future__ import annotations

from stripe_simulator.context import Context
from stripe_simulator.due import cancel_due
from stripe_simulator.entitlements import refresh
from stripe_simulator.events import emit
from stripe_simulator.storage import Document

__all__ = ["cancel_now", "end"]


def cancel_now(context: Context, subscription: Document, reason: str = "cancellation_requested") -> Document:
    """A subscription that is over. What is not paid by now is no longer collected by itself."""
    for invoice in context.store.all("invoice", parent=subscription["id"]):
        if invoice["status"] in ("draft", "open"):
            cancel_due(context, "finalize", invoice["id"])
            cancel_due(context, "collect", invoice["id"])
            stopped = {"auto_advance": False, "automatically_finalizes_at": None, "next_payment_attempt": None}
            context.store.save(invoice | stopped)
    subscription["cancellation_details"]["reason"] = reason
    return end(context, subscription, "canceled")


def end(context: Context, subscription: Document, status: str) -> Document:
    """A subscription in a state that it never leaves."""
    for work in ("renew", "cancel", "trial_will_end", "upcoming", "expire_incomplete"):
        cancel_due(context, work, subscription["id"])
    subscription |= {"status": status, "ended_at": context.now}
    subscription["canceled_at"] = subscription["canceled_at"] or context.now
    context.store.save(subscription)
    emit(
        context,
        "customer.subscription.deleted" if status == "canceled" else "customer.subscription.updated",
        subscription,
    )
    refresh(context, subscription["customer"])
    return subscription
