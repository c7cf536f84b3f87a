"""Callers who record usage, and keep book of what they were told."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from tests.chaos.processes import Process
from tests.support.project import Database
from treaty_runtime.credentials import ApiKey

FEATURE = "api_calls"
TIMEOUT = 20.0
PAUSE = 0.05  # seconds before the same usage is sent again
HANG_UP_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class Account:
    """An organization, and the key by which its service calls."""

    organization: str
    key: str


@dataclass(slots=True)
class Book:
    """What callers know: quantities `sent` by (organization, key), and which of them were `acknowledged` with 2xx.

    `answered` are the ids of the requests that were answered so: each has to be in the audit.
    """

    sent: dict[tuple[str, str], int] = field(default_factory=dict)
    acknowledged: set[tuple[str, str]] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    bugs: list[str] = field(default_factory=list)


def open_accounts(database: Database, count: int) -> list[Account]:
    """Organizations that have a meter and no limit."""
    accounts = []
    for _ in range(count):
        key, organization = ApiKey.new(), str(uuid4())
        database.execute(
            "INSERT INTO billing_organization (id, name, created_at) VALUES (%s, 'Acme', now())", [organization]
        )
        database.execute(
            "INSERT INTO billing_meter (id, organization_id, feature, unit, product_area, aggregation)"
            " VALUES (%s, %s, %s, 'call', 'general', 'sum')",
            [str(uuid4()), organization, FEATURE],
        )
        database.execute(
            "INSERT INTO treaty.api_key (id, prefix, hash, tenant, name, roles, created_at)"
            " VALUES (%s, %s, %s, %s, 'chaos', '{}', now())",
            [str(uuid4()), key.prefix, key.hash(), organization],
        )
        accounts.append(Account(organization, key.text))
    return accounts


class Load:
    """Callers who go on until they are told to stop; what was begun is sent until it is answered."""

    def __init__(self, replicas: Sequence[Process], accounts: Sequence[Account], callers: int, seed: int) -> None:
        self.book = Book()
        self._replicas = replicas
        self._accounts = accounts
        self._callers = callers
        self._random = random.Random(seed)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Call until `stop`."""
        limits = httpx.Limits(max_connections=self._callers * 2, max_keepalive_connections=self._callers)
        async with httpx.AsyncClient(timeout=TIMEOUT, limits=limits, trust_env=False) as client:
            await asyncio.gather(*(self._caller(client) for _ in range(self._callers)))

    def stop(self) -> None:
        """Begin nothing more."""
        self._stop.set()

    async def _caller(self, client: httpx.AsyncClient) -> None:
        while not self._stop.is_set():
            account, key, quantity = self._random.choice(self._accounts), uuid4().hex, self._random.randint(1, 9)
            self.book.sent[account.organization, key] = quantity
            if self._random.random() < HANG_UP_SHARE:
                await self._hang_up(client, account, key, quantity)
                if self._random.random() < 0.5:
                    continue  # nobody ever learns what became of it
            await self._insist(client, account, key, quantity)

    async def _insist(self, client: httpx.AsyncClient, account: Account, key: str, quantity: int) -> None:
        """Send usage until it is acknowledged."""
        acknowledged = False
        while not acknowledged:
            acknowledged = await self._send(client, account, key, quantity)
            await asyncio.sleep(0 if acknowledged else PAUSE)

    async def _send(self, client: httpx.AsyncClient, account: Account, key: str, quantity: int) -> bool:
        """Whether the usage was acknowledged; without an answer it has to be sent again."""
        request_id = uuid4().hex
        try:
            answer = await client.send(self._request(client, account, key, quantity, request_id))
        except httpx.TransportError as error:
            self.book.answers[type(error).__name__] += 1
            return False
        self.book.answers[str(answer.status_code)] += 1
        if answer.is_success:
            self.book.acknowledged.add((account.organization, key))
            self.book.answered.add(request_id)
            return True
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            await asyncio.sleep(float(answer.headers["Retry-After"]))
        elif answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            self.book.bugs.append(f"{answer.status_code} {answer.text[:300]}")
        return False

    async def _hang_up(self, client: httpx.AsyncClient, account: Account, key: str, quantity: int) -> None:
        """Send usage and go away before the answer comes."""
        request = self._request(client, account, key, quantity, uuid4().hex)
        try:
            async with asyncio.timeout(self._random.random() * 0.01):
                await client.send(request)
        except (TimeoutError, httpx.TransportError):
            self.book.answers["hung up"] += 1

    def _request(
        self, client: httpx.AsyncClient, account: Account, key: str, quantity: int, request_id: str
    ) -> httpx.Request:
        return client.build_request(
            "POST",
            f"{self._random.choice(self._replicas).address}/billing/usage",
            headers={"Authorization": f"Bearer {account.key}", "X-Request-Id": request_id},
            json={"feature": FEATURE, "quantity": quantity, "idempotencyKey": key},
        )
