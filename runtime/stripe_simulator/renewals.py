"""The end of a billing period: the next one begins, and what the last one came to is put on an invoice."""

from __future__ import annotations

from stripe_simulator.cancellation import cancel_now
from stripe_simulator.collecting import collect, payment_method
from stripe_simulator.context import Context
from stripe_simulator.due import due_work, schedule
from stripe_simulator.errors import Undone
from stripe_simulator.events import emit
from stripe_simulator.invoice_lines import advance_lines, arrears_lines, pending_lines
from stripe_simulator.invoicing import draft, finalize_later, in_order
from stripe_simulator.items import items_of, price_of
from stripe_simulator.objects import rendered
from stripe_simulator.periods import period_end
from stripe_simulator.states import ENDED, set_status, tell_update
from stripe_simulator.storage import Document

__all__ = ["current_period", "final_invoice", "next_invoice", "plan_renewal", "restart"]

UPCOMING = 3 * 86400  # seconds before a renewal


def current_period(context: Context, subscription: str) -> tuple[int, int]:
    """When a subscription's current period begins and ends."""
    item = items_of(context, subscription)[0]
    return item["current_period_start"], item["current_period_end"]


def plan_renewal(context: Context, subscription: Document) -> None:
    """Have the subscription go on, or end, when its period is over, and have the invoice told of some days before."""
    end = current_period(context, subscription["id"])[1]
    schedule(context, end, "renew", subscription["id"])
    if end - UPCOMING > context.now:
        schedule(context, end - UPCOMING, "upcoming", subscription["id"])


@due_work("renew")
def renew(context: Context, identifier: str) -> None:
    """A period is over."""
    subscription = context.store.get("subscription", identifier)
    if subscription["status"] in ENDED:
        return
    if subscription["cancel_at_period_end"]:
        _finish(context, subscription)
        return
    if subscription["status"] == "trialing" and _stops_after_trial(context, subscription):
        return
    next_invoice(context, subscription)
    plan_renewal(context, context.store.get("subscription", identifier))


def _finish(context: Context, subscription: Document) -> None:
    """End it, and bill what was used until then, when late usage had its time, too."""
    cancel_now(context, subscription)
    ended = context.store.get("subscription", subscription["id"])
    lines = unbilled_lines(context, ended)
    if lines:
        period = (current_period(context, ended["id"])[0], context.now)
        finalize_later(context, draft(context, ended, "subscription_cycle", lines, period))


def _stops_after_trial(context: Context, subscription: Document) -> bool:
    """Whether it does not go on after the trial, as nobody said how to pay."""
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behavior == "create_invoice" or payment_method(context, subscription) is not None:
        return False
    if behavior == "cancel":
        cancel_now(context, subscription)
    else:
        set_status(context, subscription, "paused")
        emit(context, "customer.subscription.paused", subscription)
    return True


def next_invoice(context: Context, subscription: Document) -> Document:
    """The next period, and the draft that has its price and the last one's usage."""
    before = rendered(context, subscription)
    start, end = current_period(context, subscription["id"])
    usage = [] if subscription["status"] == "trialing" else arrears(context, subscription, (start, end))
    _move_items(context, subscription, end)
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    lines = [
        *pending_lines(context, subscription["customer"], subscription["id"]),
        *usage,
        *advance_lines(context, items_of(context, subscription["id"])),
    ]
    invoice = draft(context, subscription, "subscription_cycle", lines, (start, end))
    if subscription["status"] == "unpaid":
        context.store.save({**invoice, "auto_advance": False})
    else:
        finalize_later(context, invoice)
    tell_update(context, before, subscription)
    return invoice


def arrears(context: Context, subscription: Document, period: tuple[int, int]) -> list[Document]:
    """Lines of what the subscription's meters counted in a period."""
    return arrears_lines(context, items_of(context, subscription["id"]), subscription["customer"], period)


def _move_items(context: Context, subscription: Document, start: int) -> None:
    for item in items_of(context, subscription["id"]):
        end = period_end(subscription["billing_cycle_anchor"], start, price_of(context, item)["recurring"])
        context.store.save({**item, "current_period_start": start, "current_period_end": end})


def unbilled_lines(context: Context, subscription: Document) -> list[Document]:
    """Usage that is not on an invoice yet, and what waits for the next one."""
    start, _ = current_period(context, subscription["id"])
    return [
        *pending_lines(context, subscription["customer"], subscription["id"]),
        *arrears(context, subscription, (start, context.now)),
    ]


def final_invoice(context: Context, subscription: Document) -> None:
    """Bill what is not on an invoice yet, now."""
    lines = unbilled_lines(context, subscription)
    if lines:
        collect(context, in_order(context, subscription, "subscription_cycle", lines))


@due_work("cancel")
def cancel_at(context: Context, identifier: str) -> None:
    """The day that the subscription was to end."""
    subscription = context.store.get("subscription", identifier)
    if subscription["status"] not in ENDED:
        _finish(context, subscription)


def restart(context: Context, subscription: Document) -> Document:
    """A paused subscription with a new period from now on. Raises `Undone` when that is not paid."""
    before = rendered(context, subscription)
    subscription |= {"billing_cycle_anchor": context.now, "status": "active"}
    _move_items(context, subscription, context.now)
    lines = advance_lines(context, items_of(context, subscription["id"]))
    failure = collect(context, in_order(context, subscription, "subscription_cycle", lines))
    if failure is not None:
        raise Undone(failure.message, code="card_declined", decline_code=failure.code)
    plan_renewal(context, subscription)
    tell_update(context, before, subscription)
    emit(context, "customer.subscription.resumed", subscription)
    return subscription
