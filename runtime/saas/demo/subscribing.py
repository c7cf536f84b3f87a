"""The second half of the walk: a customer subscribes at Stripe, uses what was bought, and is billed for just that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from saas.billing.stripe_client import SIMULATED_KEY
from saas.demo.at_stripe import FEATURE, AtStripe
from saas.demo.running import Running
from saas.demo.walk import Walk

__all__ = ["subscribe"]

CALLS = 42
BACK = "https://globex.example/billing"
# Records are sent on when they are two minutes old: until then, one that was written later may still be committed.
LAG = timedelta(minutes=3)


async def subscribe(walk: Walk, client: httpx.AsyncClient, browser: httpx.AsyncClient, service: Running) -> None:
    """Ask as Gil of Globex, a new customer. `browser` is what Gil looks at Stripe's pages with."""
    period = await _begin(walk, client, browser, service.stripe)
    if not period:
        return  # what comes next stands on it
    await walk.ask(
        client,
        f"Use {CALLS} calls",
        "POST /billing/usage",
        201,
        "they are in the ledger",
        lambda answer: answer.json().get("currentUsage") == CALLS,
        {"feature": FEATURE, "quantity": CALLS, "idempotencyKey": f"demo-{uuid4()}"},
    )
    await _report(walk, service)
    await _close(walk, client, browser, service)
    await walk.ask(
        client,
        "Hold it against the ledger",
        f"GET /billing/usage?period={period}",
        200,
        f"{CALLS} calls",
        lambda answer: _counted(answer.json()) == CALLS,
    )


async def _begin(walk: Walk, client: httpx.AsyncClient, browser: httpx.AsyncClient, stripe: AtStripe) -> str:
    """Subscribe; the billing period that runs then, or nothing when that came to nothing."""
    async with stripe.to_oneself():
        await stripe.order("faults/deliveries", {"paused": True})
        try:
            page = await _check_out(walk, client, stripe)
            if not page:
                return ""
            await _fill_in(walk, browser, page)
            await walk.ask(
                client,
                "See whether that was enough",
                "GET /billing/subscription",
                404,
                "no subscription yet: state moves with what Stripe has signed, not with a browser",
                lambda answer: answer.json().get("code") == "no_subscription",
            )
        finally:
            await stripe.order("faults/deliveries", {"paused": False})
        answer = await walk.ask(
            client,
            "Look again when Stripe's webhooks have come",
            "GET /billing/subscription",
            200,
            "an active subscription, which mirrors Stripe's",
            lambda answer: (answer.json().get("status"), answer.json().get("plan")) == ("active", stripe.plan),
            patiently=True,
        )
    return str(answer.json().get("billingPeriod", ""))


async def _check_out(walk: Walk, client: httpx.AsyncClient, stripe: AtStripe) -> str:
    answer = await walk.ask(
        client,
        "Subscribe to the plan Team, as Gil of Globex, a new customer",
        "POST /billing/checkout",
        201,
        "a page of Stripe; no card ever comes here",
        lambda answer: bool(answer.json().get("url")),
        {"priceId": stripe.plan, "successUrl": BACK, "cancelUrl": BACK, "idempotencyKey": f"demo-{uuid4()}"},
    )
    return str(answer.json().get("url", ""))


async def _fill_in(walk: Walk, browser: httpx.AsyncClient, page: str) -> None:
    await walk.ask(
        browser,
        "Fill in that page and send it, as a browser would",
        f"POST {page}",
        303,
        "Stripe leads the browser back to us",
        lambda answer: answer.headers.get("Location") == BACK,
        {"card": "pm_card_visa"},
        form=True,
    )


async def _report(walk: Walk, service: Running) -> None:
    later = service.clock.now() + LAG  # who waits for that long?

    async def have_it_reported() -> None:
        service.clock.reach(later)
        await service.have_usage_reported()  # a worker does it every minute

    await have_it_reported()
    stripe, now = service.stripe, int(service.clock.now().timestamp()) // 60 * 60
    customer = await service.customer()
    asked = f"customer={customer}&start_time={now - 3600}&end_time={now + 3600}"
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {SIMULATED_KEY}"}, trust_env=False) as client:
        await walk.ask(
            client,
            "Ask Stripe what it has counted, three minutes later: the ledger is reported meanwhile",
            f"GET {stripe.address}/v1/billing/meters/{stripe.meter}/event_summaries?{asked}",
            200,
            f"{CALLS} calls",
            lambda answer: sum(each["aggregated_value"] for each in answer.json().get("data", [])) == CALLS,
            patiently=True,
            meanwhile=have_it_reported,
        )


async def _close(walk: Walk, client: httpx.AsyncClient, browser: httpx.AsyncClient, service: Running) -> None:
    stripe = service.stripe
    subscription = await stripe.subscription_of(await service.customer())
    await walk.ask(
        browser,
        "Let the month end at Stripe: its clock is moved on for this subscription",
        f"POST {stripe.address}/_simulator/subscriptions/{subscription}/close_period",
        200,
        "the period is over, and what is due has happened",
        lambda answer: "now" in answer.json(),
        {"alone": True},
    )
    invoices = await walk.ask(
        client,
        "List the invoices",
        "GET /billing/invoices",
        200,
        "two, both paid: the first month, and the second with the calls of the first",
        lambda answer: [each["status"] for each in answer.json().get("invoices", [])] == ["paid", "paid"],
        patiently=True,
    )
    newest = next(iter(invoices.json().get("invoices", [])), {"id": "none"})
    await walk.ask(
        client,
        "Show the newest",
        f"GET /billing/invoices/{newest['id']}",
        200,
        f"a line with {CALLS} calls: what the ledger holds, to the unit",
        lambda answer: _billed(answer.json(), stripe.usage) == CALLS,
    )


def _billed(invoice: dict[str, Any], price: str) -> int:
    """How much usage an invoice bills."""
    return sum(line.get("quantity", 0) for line in invoice.get("lines", []) if line.get("priceId") == price)


def _counted(summary: dict[str, Any]) -> int:
    """How much usage was counted here."""
    return sum(counter["usage"] for counter in summary.get("counters", []) if counter["feature"] == FEATURE)
