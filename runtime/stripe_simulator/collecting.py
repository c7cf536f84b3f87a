"""Getting invoices paid: attempts, their retries over days, and what becomes of the subscription."""

from __future__ import annotations

from dataclasses import dataclass

from stripe_simulator.cancellation import cancel_now
from stripe_simulator.context import Context
from stripe_simulator.due import cancel_due, due_work, schedule
from stripe_simulator.errors import Declined, StripeError
from stripe_simulator.events import emit
from stripe_simulator.invoicing import finalize
from stripe_simulator.states import set_status
from stripe_simulator.storage import Document

__all__ = ["Failure", "collect", "dunning", "give_up", "pay", "payment_method", "void"]

DAY = 86400
DUNNING = {"days": [1, 2, 2, 2, 2, 2, 3], "finally": "cancel"}  # 8 tries in 2 weeks; the account can set others


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a payment failed."""

    code: str
    message: str


def dunning(context: Context) -> Document:
    """After how many days failed payments are tried again, and what happens to the subscription in the end."""
    settings: Document = context.store.setting("dunning", DUNNING)
    return settings


@due_work("finalize")
def finalize_and_collect(context: Context, identifier: str) -> None:
    """A draft's time is over."""
    invoice = context.store.get("invoice", identifier)
    if invoice["status"] == "draft":
        collect(context, finalize(context, invoice))


@due_work("collect")
def collect_again(context: Context, identifier: str) -> None:
    """Another try."""
    invoice = context.store.get("invoice", identifier)
    if invoice["status"] == "open":
        collect(context, invoice)


def charge(context: Context, invoice: Document, method: str | None = None) -> Failure | None:
    """Try to get what is due; why that failed."""
    if invoice["amount_due"] == 0:
        return None
    customer = context.store.get("customer", invoice["customer"])
    if customer.get("_payments_fail"):
        return Failure(customer["_payments_fail"], "Your card was declined.")
    subscription = context.store.find(subscription_of(invoice))
    method = method or (payment_method(context, subscription) if subscription else None)
    card = context.store.find(method) if method else None
    if card is None:
        return Failure("missing", "This customer has no attached payment source or default payment method.")
    return Failure(card["_declined"], "Your card was declined.") if card["_declined"] else None


def payment_method(context: Context, subscription: Document) -> str | None:
    """What a subscription is paid with: its own card, or else its customer's."""
    settings = context.store.get("customer", subscription["customer"]).get("invoice_settings") or {}
    method: str | None = subscription["default_payment_method"] or settings.get("default_payment_method")
    return method


def subscription_of(invoice: Document) -> str:
    """The subscription that an invoice belongs to."""
    return str(invoice["parent"]["subscription_details"]["subscription"])


def collect(context: Context, invoice: Document) -> Failure | None:
    """Try to get an open invoice paid, as it happens by itself: a failure is followed by another try, or the last."""
    failure = _attempt(context, invoice, None)
    if failure is not None:
        _plan_retry(context, invoice)
        _told_of_failure(context, invoice)
        if invoice["billing_reason"] != "subscription_create":
            retried = invoice["next_payment_attempt"] is not None
            _fall_behind(context, invoice, "past_due" if retried else dunning(context)["finally"])
    return failure


def _attempt(context: Context, invoice: Document, method: str | None) -> Failure | None:
    failure = charge(context, invoice, method)
    if invoice["amount_due"]:
        invoice["attempted"] = True
        invoice["attempt_count"] += 1
    if failure is None:
        _paid(context, invoice)
    return failure


def _paid(context: Context, invoice: Document) -> None:
    cancel_due(context, "collect", invoice["id"])
    invoice |= {
        "status": "paid",
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempted": True,
        "auto_advance": False,
        "next_payment_attempt": None,
    }
    invoice["status_transitions"]["paid_at"] = context.now
    context.store.save(invoice)
    _delinquent(context, invoice["customer"], now=False)
    emit(context, "invoice.paid", invoice)
    emit(context, "invoice.payment_succeeded", invoice)
    subscription = context.store.get("subscription", subscription_of(invoice))
    behind = subscription["status"] in ("incomplete", "past_due", "unpaid")
    if behind and subscription["latest_invoice"] == invoice["id"]:
        cancel_due(context, "expire_incomplete", subscription["id"])
        set_status(context, subscription, "active")


def _plan_retry(context: Context, invoice: Document) -> None:
    """The next try, if there is to be one. A subscription's first payment is tried once."""
    days = [] if invoice["billing_reason"] == "subscription_create" else dunning(context)["days"]
    tried = invoice.get("_tried", 0)
    invoice |= {"next_payment_attempt": None, "_tried": tried + 1}
    if tried < len(days):
        invoice["next_payment_attempt"] = context.now + days[tried] * DAY
        schedule(context, invoice["next_payment_attempt"], "collect", invoice["id"])


def _told_of_failure(context: Context, invoice: Document) -> None:
    context.store.save(invoice)
    _delinquent(context, invoice["customer"], now=True)
    emit(context, "invoice.payment_failed", invoice)


def _fall_behind(context: Context, invoice: Document, state: str) -> None:
    subscription = context.store.get("subscription", subscription_of(invoice))
    if subscription["status"] in ("canceled", "incomplete_expired"):
        return
    if state == "cancel":
        cancel_now(context, subscription, reason="payment_failed")
    elif subscription["status"] != state:
        set_status(context, subscription, state)


def _delinquent(context: Context, identifier: str, *, now: bool) -> None:
    customer = context.store.get("customer", identifier)
    if customer.get("deleted") or customer["delinquent"] is now:
        return
    context.store.save({**customer, "delinquent": now})
    emit(context, "customer.updated", {**customer, "delinquent": now}, {"delinquent": not now})


def pay(context: Context, invoice: Document, method: str | None = None) -> Document:
    """An invoice, paid now. Raises `Declined` when that fails, `StripeError` when there is nothing to pay."""
    if invoice["status"] == "draft":
        invoice = finalize(context, invoice)
    if invoice["status"] != "open":
        raise StripeError(f"Invoice is already {invoice['status']}.")
    failure = _attempt(context, invoice, method)
    if failure is not None:
        _told_of_failure(context, invoice)  # tries that are planned stay planned
    if failure is not None and failure.code == "missing":
        raise StripeError(failure.message, code="resource_missing")
    if failure is not None:
        raise Declined(failure.message, code="card_declined", decline_code=failure.code)
    return invoice


def void(context: Context, invoice: Document) -> Document:
    """An invoice that nobody has to pay. Raises `StripeError` unless it is open."""
    return _closed(context, invoice, "void", "voided")


def give_up(context: Context, invoice: Document) -> Document:
    """An invoice that is still owed, but not asked for any more. Raises `StripeError` unless it is open."""
    return _closed(context, invoice, "uncollectible", "marked_uncollectible")


def _closed(context: Context, invoice: Document, status: str, how: str) -> Document:
    if invoice["status"] not in ("open", "uncollectible"):
        raise StripeError("You can only pass in open or uncollectible invoices. This isn't one.")
    cancel_due(context, "collect", invoice["id"])
    invoice |= {"status": status, "next_payment_attempt": None, "auto_advance": False}
    invoice["status_transitions"][f"{how}_at"] = context.now
    context.store.save(invoice)
    emit(context, f"invoice.{how}", invoice)
    return invoice
