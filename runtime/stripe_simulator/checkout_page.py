"""The page of a Checkout session: what it costs, a card for tests, and a button."""

from __future__ import annotations

from html import escape
from typing import Literal

from stripe_simulator.answers import Html, Redirect
from stripe_simulator.checkout import complete
from stripe_simulator.context import Context
from stripe_simulator.errors import Declined, StripeError
from stripe_simulator.html import form, money, page, paragraph, table
from stripe_simulator.parameters import Parameters, Retrieve
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document

__all__ = ["endpoints"]

endpoints = Endpoints(access="page")
CARDS = {
    "pm_card_visa": "4242 4242 4242 4242: pays",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000 0000 0000 9995: is declined",
}


class Submit(Parameters):
    """What the form sends."""

    card: Literal["pm_card_visa", "pm_card_visa_chargeDeclinedInsufficientFunds"] = "pm_card_visa"


@endpoints.get("/c/pay/{session}")
def look(context: Context, parameters: Retrieve, identifier: str) -> Html:
    """The page."""
    return _page(context, context.store.get("checkout.session", identifier, "session"))


@endpoints.post("/c/pay/{session}")
def submit(context: Context, parameters: Submit, identifier: str) -> Html | Redirect:
    """On to the service's own page when the customer has subscribed, or the same page when the card was declined."""
    session = context.store.get("checkout.session", identifier, "session")
    context.store.execute("SAVEPOINT checkout")
    try:
        done = complete(context, session, parameters.card)
    except (Declined, StripeError) as refusal:
        context.store.execute("ROLLBACK TO checkout")
        unchanged = context.store.get("checkout.session", identifier)
        return _page(context, unchanged, notice=refusal.message, status=refusal.status)
    finally:
        context.store.execute("RELEASE checkout")
    return Redirect(done["success_url"].replace("{CHECKOUT_SESSION_ID}", identifier))


def _page(context: Context, session: Document, notice: str | None = None, status: int = 200) -> Html:
    if session["status"] != "open":
        return Html(page("Subscribe", paragraph(f"This session is {session['status']}."), notice=notice), status)
    rows = [
        (item["description"], str(item["quantity"] or "as used"), money(item["amount_total"], item["currency"]))
        for item in session["_items"]
    ]
    rows.append(("Due today", "", money(session["amount_total"], session["currency"])))
    choices = "".join(
        f'<label><input type="radio" name="card" value="{value}"{" checked" if value == "pm_card_visa" else ""}> '
        f"{escape(text)}</label>"
        for value, text in CARDS.items()
    )
    fields = f"<fieldset><legend>Card</legend>{choices}</fieldset>"
    back = f'<p><a href="{escape(session["cancel_url"])}">Back</a></p>' if session["cancel_url"] else ""
    return Html(
        page(
            "Subscribe",
            table(("What", "How many", "Amount"), rows),
            form(f"/c/pay/{session['id']}", "Subscribe", fields),
            back,
            notice=notice,
        ),
        status,
    )
