"""The first half of the walk: usage is recorded once, shown, asked about and limited."""

from __future__ import annotations

from uuid import uuid4

import httpx

from saas.demo.seed import CALLS_A_DAY
from saas.demo.walk import Walk

__all__ = ["use"]

# A soft limit: however often the demonstration is given, this is never refused.
FEATURE = "token_issuances"


async def use(walk: Walk, client: httpx.AsyncClient) -> None:
    """Ask as Ann of Acme. A new idempotency key each time: the walk can be taken again and again."""
    usage = {"feature": FEATURE, "quantity": 3, "idempotencyKey": f"demo-{uuid4()}"}
    await walk.ask(
        client,
        "Record usage",
        "POST /billing/usage",
        201,
        "it is recorded",
        lambda answer: answer.json().get("recorded") is True,
        usage,
    )
    await walk.ask(
        client,
        "Send it again, as an impatient client would",
        "POST /billing/usage",
        201,
        "the same answer again, and nothing is counted twice",
        lambda answer: answer.headers.get("Idempotency-Replayed") == "true",
        usage,
    )
    await walk.ask(
        client,
        "See what was used",
        "GET /billing/usage",
        200,
        "a counter for each metered feature",
        lambda answer: any(counter["feature"] == FEATURE for counter in answer.json().get("counters", [])),
    )
    await walk.ask(
        client,
        "Ask before using more",
        f"GET /billing/features/{FEATURE}",
        200,
        "access, and the reason",
        lambda answer: answer.json().get("hasAccess") is True,
    )
    await walk.ask(
        client,
        "Use more than the plan allows",
        "POST /billing/usage",
        409,
        "a refusal, and nothing is recorded",
        lambda answer: answer.json().get("code") == "limit_exceeded",
        {"feature": "api_calls", "quantity": CALLS_A_DAY + 1, "idempotencyKey": f"demo-{uuid4()}"},
    )
