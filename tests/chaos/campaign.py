"""A campaign: faults, one after the other, under load, and the reckoning."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.faults import Fault
from tests.chaos.load import Book, Load, open_accounts
from tests.chaos.processes import Deployment
from tests.chaos.receiver import Receiver, receiving
from tests.chaos.reckoning import Line, reckon

ORGANIZATIONS = 40
CALLERS = 24


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened, and which promises held."""

    book: Book
    receiver: Receiver
    kills: int
    restarts: int
    jobs_repeated: int
    lines: list[Line]

    @property
    def held(self) -> bool:
        """Whether no promise was broken and the campaign put all of them to the test."""
        return all(line.held for line in self.lines)

    def report(self) -> str:
        """The counts, as a table."""
        answers = ", ".join(f"{count:,} x {answer}" for answer, count in self.book.answers.most_common())
        head = (
            f"{self.kills} processes killed, PostgreSQL restarted {self.restarts} times, "
            f"{self.jobs_repeated} jobs handed out again.\n"
            f"{len(self.book.sent):,} records of usage sent; answers: {answers}.\n"
            f"{len(self.receiver.events):,} events delivered in {self.receiver.deliveries:,} deliveries.\n"
        )
        rows = "\n".join(f"  {line}" for line in self.lines)
        return f"{head}\n{rows}\n" + "".join(f"  {bug}\n" for bug in self.book.bugs[:5])


async def campaign(folder: Path, faults: Sequence[Fault], seed: int, between: float) -> Outcome:
    """Let `faults` happen, `between` seconds apart, while callers call; then count."""
    chance = random.Random(seed)
    with receiving() as receiver, Deployment.running(folder, receiver.address) as deployment:
        load = Load(deployment.replicas, open_accounts(deployment.database, ORGANIZATIONS), CALLERS, seed)
        calling = asyncio.create_task(load.run())
        for number, fault in enumerate(faults, 1):
            await asyncio.sleep(between)
            sys.stderr.write(f"  {number} of {len(faults)}: {fault.__name__.replace('_', ' ')}\n")
            await fault(deployment, chance)
        await asyncio.sleep(between)
        load.stop()
        await calling
        lines = await asyncio.to_thread(reckon, deployment, load.book, receiver)
        kills = sum(process.kills for process in (*deployment.replicas, *deployment.workers))
        return Outcome(load.book, receiver, kills, deployment.restarts, deployment.jobs_repeated, lines)
