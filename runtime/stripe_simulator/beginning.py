"""How subscriptions begin: with their items, a trial or a first invoice, and a payment that succeeds or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stripe_simulator.cancellation import end
from stripe_simulator.collecting import charge, collect, void
from stripe_simulator.context import Context, new_id
from stripe_simulator.due import due_work, schedule
from stripe_simulator.entitlements import refresh
from stripe_simulator.errors import StripeError, Undone
from stripe_simulator.events import emit
from stripe_simulator.invoice_lines import advance_lines
from stripe_simulator.invoicing import in_order
from stripe_simulator.items import add_item, items_of, quantity_for, subscribable
from stripe_simulator.periods import period_end, same_rhythm
from stripe_simulator.renewals import plan_renewal
from stripe_simulator.storage import Document

__all__ = ["Beginning", "WantedItem", "begin"]

DAY = 86400
INCOMPLETE_FOR = 23 * 60 * 60  # seconds that the first payment may take
TRIAL_NOTICE = 3 * DAY


@dataclass(frozen=True, slots=True)
class WantedItem:
    """A price to subscribe to."""

    price: str
    quantity: int | None = None
    metadata: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a subscription begins with."""

    customer: str
    items: Sequence[WantedItem]
    metadata: dict[str, str] = field(default_factory=dict)
    default_payment_method: str | None = None
    description: str | None = None
    trial_end: int | None = None
    cancel_at_period_end: bool = False
    cancel_at: int | None = None
    payment_behavior: str = "allow_incomplete"
    after_trial: str = "create_invoice"  # when there is no payment method then


def begin(context: Context, wanted: Beginning) -> Document:
    """A new subscription. Raises `Undone` when it must be paid at once and is not; nothing is left of it then."""
    chosen = _chosen(context, wanted.items)
    _check_currency(context, wanted.customer, chosen[0][0])
    subscription = _blank(context, wanted, chosen[0][0]["currency"])
    context.store.add(subscription, customer=wanted.customer)
    period = (context.now, _first_end(context, wanted, chosen[0][0]))
    for (price, quantity), item in zip(chosen, wanted.items, strict=True):
        added = add_item(context, subscription["id"], price, quantity, period)
        context.store.save({**added, "metadata": item.metadata or {}})
    if wanted.trial_end is not None:
        _start_trial(context, subscription, period)
    else:
        _start_paid(context, subscription, wanted)
    subscription = context.store.get("subscription", subscription["id"])
    if wanted.cancel_at is not None:
        schedule(context, wanted.cancel_at, "cancel", subscription["id"])
    refresh(context, wanted.customer)
    return subscription


def _chosen(context: Context, items: Sequence[WantedItem]) -> list[tuple[Document, int | None]]:
    """The prices with their quantities; all in one currency, all due equally often, none twice."""
    if not items:
        raise StripeError("Missing required param: items.", code="parameter_missing", param="items")
    chosen: list[tuple[Document, int | None]] = []
    for position, item in enumerate(items):
        price = subscribable(context, item.price, f"items[{position}][price]")
        check_fits(price, [other for other, _ in chosen], f"items[{position}][price]")
        chosen.append((price, quantity_for(price, item.quantity, f"items[{position}][quantity]")))
    return chosen


def check_fits(price: Document, others: Sequence[Document], param: str) -> None:
    """Raises `StripeError` when a price cannot stand beside the others in a subscription."""
    for other in others:
        if other["id"] == price["id"]:
            message = f"Cannot add multiple subscription items with the same price: {price['id']}"
            raise StripeError(message, param=param)
        if other["currency"] != price["currency"]:
            message = "All prices on a subscription must have the same `currency`."
            raise StripeError(f"{message} {other['id']} is in {other['currency']}.", param=param)
        if not same_rhythm(other, price):
            message = "All prices on a subscription must have the same `recurring.interval` and `interval_count`."
            raise StripeError(message, param=param)


def _check_currency(context: Context, identifier: str, price: Document) -> None:
    """Raises `StripeError` when the customer has paid in another currency."""
    known = context.store.get("customer", identifier)["currency"]
    if known not in (None, price["currency"]):
        raise StripeError(
            "You cannot combine currencies on a single customer."
            f" This customer has had a subscription, coupon, or invoice item with currency {known}."
        )


def _first_end(context: Context, wanted: Beginning, price: Document) -> int:
    if wanted.trial_end is not None:
        return wanted.trial_end
    return period_end(context.now, context.now, price["recurring"])


def _start_trial(context: Context, subscription: Document, period: tuple[int, int]) -> None:
    """Nothing to pay until the trial ends."""
    collect(context, in_order(context, subscription, "subscription_create", []))
    plan_renewal(context, subscription)
    notice = max(period[1] - TRIAL_NOTICE, context.now)
    schedule(context, notice, "trial_will_end", subscription["id"])
    emit(context, "customer.subscription.created", context.store.get("subscription", subscription["id"]))


def _start_paid(context: Context, subscription: Document, wanted: Beginning) -> None:
    lines = advance_lines(context, items_of(context, subscription["id"]))
    invoice = in_order(context, subscription, "subscription_create", lines)
    waits = wanted.payment_behavior == "default_incomplete" and invoice["amount_due"] > 0
    failure = None if waits else charge(context, invoice)
    if failure is not None and failure.code == "missing":
        raise StripeError(f"{failure.message} Please consider adding one.", code="resource_missing")
    if failure is not None and wanted.payment_behavior == "error_if_incomplete":
        raise Undone(failure.message, code="card_declined", decline_code=failure.code)
    paid = not waits and failure is None
    subscription["status"] = "active" if paid else "incomplete"
    context.store.save(subscription)
    if not waits:
        collect(context, invoice)
    if not paid:
        schedule(context, context.now + INCOMPLETE_FOR, "expire_incomplete", subscription["id"])
    plan_renewal(context, subscription)
    emit(context, "customer.subscription.created", subscription)


@due_work("expire_incomplete")
def expire_incomplete(context: Context, identifier: str) -> None:
    """A first payment that never came."""
    subscription = context.store.get("subscription", identifier)
    if subscription["status"] != "incomplete":
        return
    invoice = context.store.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        void(context, invoice)
    end(context, subscription, "incomplete_expired")


@due_work("trial_will_end")
def trial_will_end(context: Context, identifier: str) -> None:
    """Three days before a trial's end."""
    emit(context, "customer.subscription.trial_will_end", context.store.get("subscription", identifier))


def _blank(context: Context, wanted: Beginning, currency: str) -> Document:
    trial = wanted.trial_end is not None
    return {
        "id": new_id("sub"),
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": wanted.trial_end if wanted.trial_end is not None else context.now,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "included"}, "updated_at": None},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": wanted.cancel_at,
        "cancel_at_period_end": wanted.cancel_at_period_end,
        "canceled_at": context.now if wanted.cancel_at_period_end or wanted.cancel_at is not None else None,
        "cancellation_details": {"comment": None, "feedback": None, "feedback_option": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": context.now,
        "currency": currency,
        "customer": wanted.customer,
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": wanted.default_payment_method,
        "default_source": None,
        "default_tax_rates": [],
        "description": wanted.description,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "latest_invoice": None,
        "livemode": False,
        "metadata": wanted.metadata,
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": context.now,
        "status": "trialing" if trial else "incomplete",
        "test_clock": None,
        "transfer_data": None,
        "trial_end": wanted.trial_end,
        "trial_settings": {"end_behavior": {"missing_payment_method": wanted.after_trial}},
        "trial_start": context.now if trial else None,
    }
