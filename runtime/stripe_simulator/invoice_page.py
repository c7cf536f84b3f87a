"""The page of an invoice: its lines and what is due."""

from __future__ import annotations

from stripe_simulator.answers import Html
from stripe_simulator.context import Context
from stripe_simulator.html import money, page, paragraph, table
from stripe_simulator.invoice_lines import day
from stripe_simulator.parameters import Retrieve
from stripe_simulator.routing import Endpoints

__all__ = ["endpoints"]

endpoints = Endpoints(access="page")


@endpoints.get("/i/{invoice}")
def look(context: Context, parameters: Retrieve, identifier: str) -> Html:
    """The page."""
    invoice = context.store.get("invoice", identifier, "invoice")
    currency = invoice["currency"]
    rows = [
        (
            line["description"],
            f"{day(line['period']['start'])} to {day(line['period']['end'])}",
            money(line["amount"], currency),
        )
        for line in invoice["_lines"]
    ]
    rows.append(("Total", "", money(invoice["total"], currency)))
    rows.append(("Due", "", money(invoice["amount_remaining"], currency)))
    return Html(
        page(
            f"Invoice {invoice['number'] or '(draft)'}",
            paragraph(f"{invoice['customer_name'] or invoice['customer']}, {invoice['status']}"),
            table(("What", "When", "Amount"), rows),
        )
    )
