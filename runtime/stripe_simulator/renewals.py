"""The end of a billing period: the next one begins, and what the last one came to is put on an invoice."""

from __future__ import annotations

from stripe_simulator.cancellation import cancel_now
from stripe_simulator.collecting import collect
from stripe_simulator.context import Context
from stripe_simulator.due import due_work, schedule
from stripe_simulator.invoice_lines import advance_lines, arrears_lines, pending_lines
from stripe_simulator.invoicing import draft, finalize_later, in_order
from stripe_simulator.objects import rendered
from stripe_simulator.periods import period_end
from stripe_simulator.states import ENDED, tell_update
from stripe_simulator.storage import Document
from stripe_simulator.subscription_items import items_of, price_of

__all__ = ["current_period", "final_invoice", "next_invoice", "plan_renewal"]


def current_period(context: Context, subscription: str) -> tuple[int, int]:
    """When a subscription's current period begins and ends."""
    item = items_of(context, subscription)[0]
    return item["current_period_start"], item["current_period_end"]


def plan_renewal(context: Context, subscription: Document) -> None:
    """Have the subscription go on, or end, when its period is over."""
    schedule(context, current_period(context, subscription["id"])[1], "renew", subscription["id"])


@due_work("renew")
def renew(context: Context, identifier: str) -> None:
    """A period is over."""
    subscription = context.store.get("subscription", identifier)
    if subscription["status"] in ENDED:
        return
    if subscription["cancel_at_period_end"]:
        final_invoice(context, subscription)
        cancel_now(context, context.store.get("subscription", identifier))
        return
    next_invoice(context, subscription)
    plan_renewal(context, context.store.get("subscription", identifier))


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


def final_invoice(context: Context, subscription: Document) -> None:
    """Usage that is not on an invoice yet, and what waits for the next one, when there is none any more."""
    start, _ = current_period(context, subscription["id"])
    lines = [
        *pending_lines(context, subscription["customer"], subscription["id"]),
        *(line for line in arrears(context, subscription, (start, context.now)) if line["quantity"]),
    ]
    if lines:
        collect(context, in_order(context, subscription, "subscription_cycle", lines))


@due_work("cancel")
def cancel_at(context: Context, identifier: str) -> None:
    """The day that the subscription was to end."""
    subscription = context.store.get("subscription", identifier)
    if subscription["status"] not in ENDED:
        final_invoice(context, subscription)
        cancel_now(context, context.store.get("subscription", identifier))
