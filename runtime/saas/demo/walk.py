"""The walk: what is asked of the service, and what its contracts promise to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from saas.demo.screen import Screen
from saas.demo.seed import CALLS_A_DAY

__all__ = ["Step", "steps", "walk"]

# A soft limit: however often the demonstration is given, this is never refused.
FEATURE = "token_issuances"


@dataclass(frozen=True, slots=True)
class Step:
    """One request, the status it is answered with, and what else `holds` of the answer (in words: `promise`)."""

    title: str
    method: str
    path: str
    status: int
    promise: str
    holds: Callable[[httpx.Response], bool]
    body: dict[str, Any] | None = field(default=None)


async def walk(client: httpx.AsyncClient, screen: Screen) -> bool:
    """Take each step and show it. Whether all were answered as promised."""
    kept = True
    for number, step in enumerate(steps(), start=1):
        answer = await client.request(step.method, step.path, json=step.body)
        as_promised = answer.status_code == step.status and step.holds(answer)
        screen.request(number, step.title, step.method, step.path, step.body)
        screen.answer(answer, step.promise, as_promised=as_promised)
        kept = kept and as_promised
    return kept


def steps() -> Iterator[Step]:
    """The requests, in their order. A new idempotency key each time: the walk can be taken again and again."""
    usage = {"feature": FEATURE, "quantity": 3, "idempotencyKey": f"demo-{uuid4()}"}
    yield Step(
        "Record usage",
        "POST",
        "/billing/usage",
        201,
        "it is recorded",
        lambda answer: answer.json().get("recorded") is True,
        usage,
    )
    yield Step(
        "Send it again, as an impatient client would",
        "POST",
        "/billing/usage",
        201,
        "the same answer again, and nothing is counted twice",
        lambda answer: answer.headers.get("Idempotency-Replayed") == "true",
        usage,
    )
    yield Step(
        "See what was used",
        "GET",
        "/billing/usage",
        200,
        "a counter for each metered feature",
        lambda answer: any(counter["feature"] == FEATURE for counter in answer.json().get("counters", [])),
    )
    yield Step(
        "Ask before using more",
        "GET",
        f"/billing/features/{FEATURE}",
        200,
        "access, and the reason",
        lambda answer: answer.json().get("hasAccess") is True,
    )
    yield Step(
        "Use more than the plan allows",
        "POST",
        "/billing/usage",
        409,
        "a refusal, and nothing is recorded",
        lambda answer: answer.json().get("code") == "limit_exceeded",
        {"feature": "api_calls", "quantity": CALLS_A_DAY + 1, "idempotencyKey": f"demo-{uuid4()}"},
    )
