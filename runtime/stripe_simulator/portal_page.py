"""The portal's page: change the plan or the number of seats, cancel, resume, pay, use another card."""

from __future__ import annotations

from html import escape
from typing import Literal

from stripe_simulator.answers import Html, Redirect
from stripe_simulator.changes import ItemChange
from stripe_simulator.collecting import pay
from stripe_simulator.context import Context
from stripe_simulator.customers import CustomerUpdate, InvoiceSettings
from stripe_simulator.customers import update as update_customer
from stripe_simulator.errors import StripeError
from stripe_simulator.html import form, money, page, paragraph, table
from stripe_simulator.invoice_lines import day, product_name
from stripe_simulator.items import items_of, metered, price_of
from stripe_simulator.parameters import Parameters, Retrieve
from stripe_simulator.payment_methods import attach
from stripe_simulator.periods import same_rhythm
from stripe_simulator.routing import Endpoints
from stripe_simulator.states import ENDED
from stripe_simulator.storage import Document
from stripe_simulator.subscriptions import SubscriptionUpdate, update

__all__ = ["endpoints"]

endpoints = Endpoints(access="page")


class Submit(Parameters):
    """What the page's forms send."""

    act: Literal["cancel", "resume", "change", "pay", "card"]
    subject: str = ""
    item: str = ""
    price: str = ""
    quantity: int = 1
    card: str = "pm_card_visa"


@endpoints.get("/p/session/{session}")
def look(context: Context, parameters: Retrieve, identifier: str) -> Html:
    """The page."""
    return _page(context, context.store.get("billing_portal.session", identifier, "session"))


@endpoints.post("/p/session/{session}")
def submit(context: Context, parameters: Submit, identifier: str) -> Html | Redirect:
    """Do it, and show the page again."""
    session = context.store.get("billing_portal.session", identifier, "session")
    try:
        _act(context, session["customer"], parameters)
    except StripeError as refusal:
        if not refusal.keeps:
            raise
        return _page(context, session, notice=refusal.message)
    return Redirect(f"/p/session/{identifier}")


def _act(context: Context, customer: str, asked: Submit) -> None:
    match asked.act:
        case "card":
            _use_card(context, customer, asked.card)
        case "pay":
            pay(context, _own(context, "invoice", asked.subject, customer))
        case "cancel" | "resume":
            subscription = _own(context, "subscription", asked.subject, customer)
            update(context, SubscriptionUpdate(cancel_at_period_end=asked.act == "cancel"), subscription["id"])
        case "change":
            subscription = _own(context, "subscription", asked.subject, customer)
            change = ItemChange(id=asked.item, price=asked.price, quantity=asked.quantity)
            update(context, SubscriptionUpdate(items=[change]), subscription["id"])


def _own(context: Context, kind: str, identifier: str, customer: str) -> Document:
    """What belongs to the customer whose session it is. Raises `StripeError` for another's."""
    document = context.store.get(kind, identifier)
    if document["customer"] != customer:
        raise StripeError("This belongs to another customer.")
    return document


def _use_card(context: Context, customer: str, card: str) -> None:
    method = attach(context, card, customer)["id"]
    settings = InvoiceSettings(default_payment_method=method)
    update_customer(context, CustomerUpdate(invoice_settings=settings), customer)
    for subscription in context.store.all("subscription", customer=customer):
        if subscription["status"] not in ENDED:
            update(context, SubscriptionUpdate(default_payment_method=method), subscription["id"])


def _page(context: Context, session: Document, notice: str | None = None) -> Html:
    path, customer = f"/p/session/{session['id']}", session["customer"]
    found = context.store.all("subscription", customer=customer, newest_first=True)
    parts = [part for each in found if each["status"] not in ENDED for part in _subscription(context, path, each)]
    parts.append(_invoices(context, path, customer))
    cards = '<label>Card <select name="card"><option value="pm_card_visa">4242, pays</option>'
    cards += '<option value="pm_card_chargeCustomerFail">0341, is declined when charged</option></select></label>'
    parts.append(f"<h2>Card</h2>{form(path, 'Use this card', cards, act='card')}")
    if session["return_url"]:
        parts.append(f'<p><a href="{escape(session["return_url"])}">Back</a></p>')
    return Html(page("Billing", *parts, notice=notice))


def _subscription(context: Context, path: str, subscription: Document) -> list[str]:
    items = items_of(context, subscription["id"])
    ends = subscription["cancel_at_period_end"]
    how = f"{subscription['status']}, {'ends' if ends else 'renews'} on {day(items[0]['current_period_end'])}"
    parts = ["<h2>Subscription</h2>", paragraph(how)]
    parts += [_item(context, path, subscription, item) for item in items]
    act = "resume" if ends else "cancel"
    parts.append(form(path, "Resume" if ends else "Cancel", act=act, subject=subscription["id"]))
    return parts


def _item(context: Context, path: str, subscription: Document, item: Document) -> str:
    price = price_of(context, item)
    if metered(price):
        return paragraph(f"{product_name(context, price)}: as used")
    options = "".join(
        _option(each["id"], _name(context, each), chosen=each["id"] == price["id"])
        for each in context.store.all("price")
        if each["active"]
        and each["recurring"]
        and not metered(each)
        and each["currency"] == price["currency"]
        and same_rhythm(each, price)
    )
    fields = (
        f'<label>Plan <select name="price">{options}</select></label>'
        f'<label>How many <input type="number" name="quantity" min="1" value="{item["quantity"]}"></label>'
    )
    return form(path, "Change", fields, act="change", subject=subscription["id"], item=item["id"])


def _option(value: str, text: str, *, chosen: bool) -> str:
    return f'<option value="{escape(value)}"{" selected" if chosen else ""}>{escape(text)}</option>'


def _name(context: Context, price: Document) -> str:
    each = money(price["unit_amount"], price["currency"]) if price["unit_amount"] is not None else "by quantity"
    return f"{price['nickname'] or product_name(context, price)} ({each})"


def _invoices(context: Context, path: str, customer: str) -> str:
    invoices = list(context.store.all("invoice", customer=customer, newest_first=True))
    rows = [
        (each["number"] or "draft", day(each["created"]), each["status"], money(each["total"], each["currency"]))
        for each in invoices
    ]
    forms = "".join(
        form(path, f"Pay {each['number']}", act="pay", subject=each["id"])
        for each in invoices
        if each["status"] == "open"
    )
    return f"<h2>Invoices</h2>{table(('Number', 'Date', 'Status', 'Total'), rows)}{forms}"
