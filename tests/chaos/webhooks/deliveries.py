"""Deliveries as a sender makes them that is known for it: several of each event, in any order, some events never."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from generated.saas.billing.stripe_webhook import WEBHOOK
from stripe_simulator.signatures import signature
from tests.chaos.processes import Process

__all__ = ["Deliveries"]

SENDERS = 12
TIMEOUT = 20.0
PAUSE = 0.05  # seconds before what was not taken is sent again
COME_AGAIN = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})


@dataclass(slots=True)
class Deliveries:
    """What is to be sent, and a book of it: the events that were `sent` at least once, and those that were `dropped`.

    `first` counts the answers that said of an event that it had not come before; of those that are `unsure`, an answer
    was lost that may have said so. `behind` copies wait at least, until nothing more happens, so that what was told
    later may arrive before.
    """

    replicas: Sequence[Process]
    secret: str
    chance: random.Random
    behind: int
    waiting: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    dropped_copies: int = 0
    posted: int = 0
    first: Counter[str] = field(default_factory=Counter)
    unsure: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    bugs: list[str] = field(default_factory=list)
    closed: bool = False
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, event: dict[str, Any], copies: int) -> None:
        """Have an event sent so many times."""
        self.waiting += [event] * copies

    def drop(self, event: dict[str, Any], copies: int) -> None:
        """Have all copies of an event lost on their way: of one that arrives once, nothing would be missing."""
        self.dropped.add(event["id"])
        self.dropped_copies += copies

    def close(self) -> None:
        """Nothing more happens: send what is left."""
        self.closed = True

    async def run(self) -> None:
        """Send until all is sent, each until it is taken."""
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            await asyncio.gather(*(self._sender(client) for _ in range(SENDERS)))

    async def _sender(self, client: httpx.AsyncClient) -> None:
        while self.waiting or not self.closed:
            if len(self.waiting) <= (0 if self.closed else self.behind):
                await asyncio.sleep(PAUSE)
                continue
            event = self.waiting.pop(self.chance.randrange(len(self.waiting)))
            await self._insist(client, event)
            self.posted += 1
            self._moved.set()

    async def reached(self, number: int) -> None:
        """Wait until so many deliveries were taken, or all."""
        while self.posted < number and not (self.closed and not self.waiting):
            self._moved.clear()
            await self._moved.wait()

    async def _insist(self, client: httpx.AsyncClient, event: dict[str, Any]) -> None:
        taken = False
        while not taken:
            taken = await self._taken(client, event)
            await asyncio.sleep(0 if taken else PAUSE)

    async def _taken(self, client: httpx.AsyncClient, event: dict[str, Any]) -> bool:
        body, now = json.dumps(event, separators=(",", ":")).encode(), int(time.time())
        self.sent[event["id"]] = event
        try:
            answer = await client.post(
                f"{self.chance.choice(self.replicas).address}{WEBHOOK.path}",
                content=body,
                headers={"Stripe-Signature": signature(body, [self.secret], now)},
            )
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            self.unsure.add(event["id"])
            return False
        self.answers[str(answer.status_code)] += 1
        if answer.is_success:
            self.first[event["id"]] += not answer.json()["duplicate"]
            return True
        if answer.status_code not in COME_AGAIN:
            self.bugs.append(f"{answer.status_code} {answer.text[:300]}")
            return True
        return False
