"""What is made to go wrong, set for each run: in deliveries, by chance; in answers, by rules."""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import Field

from stripe_simulator.errors import Broken, Conflict, RateLimited
from stripe_simulator.parameters import Closed
from stripe_simulator.storage import Store

__all__ = ["AnswerFault", "DeliveryFaults", "fault_for", "suffer"]


class DeliveryFaults(Closed):
    """Faults of webhook deliveries. Shares are between 0 and 1, times in real seconds."""

    copies: int = Field(default=1, ge=1, le=100)  # how often each is sent in any case
    duplicate: float = Field(default=0, ge=0, le=1)
    drop: float = Field(default=0, ge=0, le=1)
    reorder: float = Field(default=0, ge=0, le=1)
    shuffle: float = Field(default=1, ge=0)  # how long the reordered ones are held back at most
    delay: float = Field(default=0, ge=0)
    skew: int = 0  # what signatures' times are ahead of the real one
    api_version: str | None = None  # what snapshots say instead of the version that they have
    paused: bool = False  # nothing is sent until this is taken back
    concurrency: int = Field(default=8, ge=1, le=256)
    seed: int | None = None  # the same seed has the same deliveries go wrong

    @classmethod
    def of(cls, store: Store) -> DeliveryFaults:
        """The faults that are set now."""
        return cls.model_validate(store.setting("delivery_faults", {}))


class AnswerFault(Closed):
    """A rule for requests: the next `times` ones whose path starts so get this instead of an answer."""

    path: str = "/v"
    method: Literal["GET", "POST", "DELETE"] | None = None
    answer: Literal[409, 429, 500, "timeout", "lost"]
    times: int = Field(default=1, ge=1)
    seconds: float = Field(default=30, gt=0)  # how long a time-out lets callers wait
    retry: bool | None = None  # what the header `stripe-should-retry` says


def fault_for(store: Store, method: str, path: str) -> AnswerFault | None:
    """The first rule that concerns a request; it counts as used."""
    rules = [AnswerFault.model_validate(rule) for rule in store.setting("answer_faults", [])]
    for position, rule in enumerate(rules):
        if path.startswith(rule.path) and rule.method in (None, method):
            left = rule.model_copy(update={"times": rule.times - 1})
            rules[position : position + 1] = [left] if left.times else []
            store.set("answer_faults", [each.model_dump() for each in rules])
            return rule
    return None


async def suffer(fault: AnswerFault) -> None:
    """Go wrong before anything is done. `lost` does not: there, the answer to what was done never comes."""
    match fault.answer:
        case 409:
            raise Conflict("There is currently another in-progress request using this idempotency key.")
        case 429:
            raise RateLimited("Too many requests hit the API too quickly.", code="rate_limit")
        case 500:
            raise Broken("An error occurred on our side (a fault that was asked for).")
        case "timeout":
            await asyncio.sleep(fault.seconds)
            raise Broken("The request took too long (a fault that was asked for).")
