"""Callers who record usage as fast as they are answered, and how long each answer took."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from uuid import uuid4

import httpx

from tests.chaos.load import FEATURE, TIMEOUT, Account, Book, open_accounts
from tests.chaos.processes import Deployment
from tests.chaos.receiver import receiving
from tests.chaos.reckoning import Line, reckon

PERCENTILES = (50, 90, 95, 99, 99.9, 100)


@dataclass(slots=True)
class Outcome:
    """What was measured: the seconds of each successful answer, over how many seconds, and what was found after it."""

    seconds: float
    latencies: list[float]
    book: Book
    lines: list[Line] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether every promise was kept and put to the test."""
        return all(line.held for line in self.lines)

    def report(self) -> str:
        """Throughput, latencies, answers and the reckoning, as a table."""
        answers = ", ".join(f"{count:,} x {answer}" for answer, count in self.book.answers.most_common())
        rows = [
            f"  {len(self.latencies) / self.seconds:,.0f} records acknowledged a second, for {self.seconds:.0f} s",
            *(f"  {share:>5g} % within {1000 * at:,.1f} ms" for share, at in self._percentiles()),
            f"  answers: {answers}",
            *(f"  {line}" for line in self.lines),
            *(f"  {bug}" for bug in self.book.bugs[:5]),
        ]
        return "\n".join(rows) + "\n"

    def _percentiles(self) -> Iterator[tuple[float, float]]:
        ordered = sorted(self.latencies)
        for share in PERCENTILES if ordered else ():
            yield share, ordered[max(0, -(-len(ordered) * round(share * 10) // 1000) - 1)]


async def measure(folder: Path, seconds: float, callers: int, organizations: int) -> Outcome:
    """Run two replicas and two workers on a PostgreSQL of their own, call them for so many seconds, and count."""
    with receiving() as receiver, Deployment.running(folder, receiver.address) as deployment:
        accounts = open_accounts(deployment.database, organizations)
        addresses = [replica.address for replica in deployment.replicas]
        outcome = await _call(addresses, accounts, seconds, callers)
        outcome.lines = await asyncio.to_thread(reckon, deployment, outcome.book, receiver)
        return outcome


async def _call(addresses: Sequence[str], accounts: Sequence[Account], seconds: float, callers: int) -> Outcome:
    book, latencies = Book(), list[float]()
    turns = itertools.cycle(itertools.product(accounts, addresses))
    started = perf_counter()

    async def caller(client: httpx.AsyncClient) -> None:
        while perf_counter() - started < seconds:
            account, address = next(turns)
            await _record(client, address, account, book, latencies)

    limits = httpx.Limits(max_connections=callers, max_keepalive_connections=callers)
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=limits, trust_env=False) as client:
        await asyncio.gather(*(caller(client) for _ in range(callers)))
    return Outcome(perf_counter() - started, latencies, book)


async def _record(
    client: httpx.AsyncClient, address: str, account: Account, book: Book, latencies: list[float]
) -> None:
    """Send usage once. Whoever has to wait waits; nothing is sent again, so that every answer is seen."""
    key, request_id = uuid4().hex, uuid4().hex
    book.sent[account.organization, key] = 1
    began = perf_counter()
    try:
        answer = await client.post(
            f"{address}/billing/usage",
            headers={"Authorization": f"Bearer {account.key}", "X-Request-Id": request_id},
            json={"feature": FEATURE, "quantity": 1, "idempotencyKey": key},
        )
    except httpx.TransportError as error:
        book.answers[type(error).__name__] += 1
        book.bugs.append(f"{type(error).__name__} {error}")
        return
    book.answers[str(answer.status_code)] += 1
    if answer.is_success:
        latencies.append(perf_counter() - began)
        book.acknowledged.add((account.organization, key))
        book.answered.add(request_id)
    elif answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
        book.bugs.append(f"{answer.status_code} {answer.text[:300]}")
