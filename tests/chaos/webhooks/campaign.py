"""A campaign: subscriptions change, Stripe tells, workers are killed, a night passes; then the reckoning."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from stripe import HTTPXClient, StripeClient

from stripe_simulator import Simulator
from tests.chaos.processes import Deployment
from tests.chaos.receiver import Receiver, receiving
from tests.chaos.reckoning import Line
from tests.chaos.webhooks.at_stripe import AT_ONCE, Customer, Shop
from tests.chaos.webhooks.deliveries import Deliveries
from tests.chaos.webhooks.reckoning import reckon

__all__ = ["Outcome", "Size", "campaign"]

SECRET = f"whsec_{'campaign' * 4}"
KEY = "sk_test_campaign"


@dataclass(frozen=True, slots=True)
class Size:
    """How many events of how many customers are sent how often, which share of them never, and how many kills.

    A half of what is dropped concerns the same customers: nobody ever hears of those.
    """

    customers: int
    events: int
    copies: int
    dropped: float
    kills: int
    of_each: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened, and which promises held."""

    deliveries: Deliveries
    receiver: Receiver
    kills: int
    lines: list[Line]

    @property
    def held(self) -> bool:
        """Whether no promise was broken and the campaign put all of them to the test."""
        return all(line.held for line in self.lines)

    def report(self) -> str:
        """The counts, as a table."""
        book = self.deliveries
        events, copies = len(book.sent) + len(book.dropped), book.posted + book.dropped_copies
        answers = ", ".join(f"{count:,} x {answer}" for answer, count in book.answers.most_common())
        head = (
            f"{copies:,} deliveries of {events:,} events, shuffled, {book.dropped_copies:,} dropped "
            f"(all of {len(book.dropped):,} events); {self.kills} workers killed.\n"
            f"Answers: {answers}.\n"
        )
        rows = "\n".join(f"  {line}" for line in self.lines)
        return f"{head}\n{rows}\n" + "".join(f"  {bug}\n" for bug in book.bugs[:5])


async def campaign(folder: Path, size: Size, seed: int) -> Outcome:
    """Let all of it happen, and count."""
    chance, data = random.Random(seed), folder / "data"
    data.mkdir()
    settings = {"STRIPE_WEBHOOK_SECRETS": SECRET, "TREATY_DATA_DIR": str(data)}
    with (
        receiving() as receiver,
        Simulator.start(data / "stripe") as simulator,
        Deployment.running(folder, receiver.address, of_each=size.of_each, settings=settings) as deployment,
    ):
        async with _client(simulator) as client:
            shop = await Shop.open(client, size.customers)
            await asyncio.to_thread(_link, deployment, shop.customers)
            deliveries = Deliveries(deployment.replicas, SECRET, chance, behind=size.events * size.copies // 10)
            await asyncio.gather(
                _happen(shop, deliveries, size), deliveries.run(), _kill(deployment, deliveries, size, chance)
            )
            lines = await reckon(deployment, shop, deliveries, receiver)
        return Outcome(deliveries, receiver, sum(worker.kills for worker in deployment.workers), lines)


@asynccontextmanager
async def _client(simulator: Simulator) -> AsyncIterator[StripeClient]:
    addresses = {"api": simulator.address, "meter_events": simulator.address}
    http = HTTPXClient(timeout=60)
    yield StripeClient(KEY, base_addresses=addresses, http_client=http, max_network_retries=5)  # type: ignore[arg-type]
    await http.close_async()  # type: ignore[no-untyped-call]


def _link(deployment: Deployment, customers: list[Customer]) -> None:
    """An organization for each customer."""
    for customer in customers:
        deployment.database.execute(
            "INSERT INTO billing_organization (id, name, created_at, stripe_customer_id)"
            " VALUES (%s, 'Acme', now(), %s)",
            [str(uuid4()), customer.id],
        )


async def _happen(shop: Shop, deliveries: Deliveries, size: Size) -> None:
    """Have subscriptions change, one group of customers after the other, until Stripe has told of enough."""
    unheard = {customer.id for customer in shop.customers[: max(1, round(size.customers * size.dropped / 2))]}
    told, turn = 0, 0
    while True:
        for event in await shop.news():
            told += 1
            share = len(deliveries.dropped) / told
            of_nobody = event["data"]["object"]["customer"] in unheard
            lost = of_nobody or (share < size.dropped and deliveries.chance.random() < 2 * size.dropped)
            (deliveries.drop if lost else deliveries.add)(event, size.copies)
        if told >= size.events:
            deliveries.close()
            return
        active = [customer for customer in shop.customers if not customer.canceled]
        await shop.change([active[(turn + number) % len(active)] for number in range(min(AT_ONCE, len(active)))])
        turn += AT_ONCE


async def _kill(deployment: Deployment, deliveries: Deliveries, size: Size, chance: random.Random) -> None:
    """SIGKILL a worker again and again, evenly over all deliveries."""
    planned = size.events * size.copies * (1 - size.dropped)
    for number in range(1, size.kills + 1):
        await deliveries.reached(round(planned * number / (size.kills + 1)))
        sys.stderr.write(f"  kill {number} of {size.kills}, after {deliveries.posted:,} deliveries\n")
        if len(deployment.workers) == 1:  # nobody else lives, so nobody need wait to find that out
            await asyncio.to_thread(deployment.forget_workers)
        await asyncio.to_thread(chance.choice(deployment.workers).kill)
