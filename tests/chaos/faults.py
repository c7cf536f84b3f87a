"""What goes wrong while callers call. Each fault ends with everything running again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import psycopg

from tests.chaos.processes import Deployment

Fault = Callable[[Deployment, random.Random], Awaitable[None]]

LONGER_THAN_THE_POOL_WAITS = 6.5
LONG_ENOUGH_FOR_SOME_JOBS = 2.0


async def kill_a_replica(deployment: Deployment, chance: random.Random) -> None:
    """SIGKILL a process that answers requests."""
    await asyncio.to_thread(chance.choice(deployment.replicas).kill)


async def kill_a_worker(deployment: Deployment, chance: random.Random) -> None:
    """SIGKILL a process that relays events."""
    await asyncio.to_thread(chance.choice(deployment.workers).kill)


async def restart_postgres(deployment: Deployment, chance: random.Random) -> None:
    """Cut all clients off, or crash."""
    await asyncio.to_thread(deployment.restart_postgres, chance.choice(["fast", "immediate"]))


async def exhaust_the_pool(deployment: Deployment, _: random.Random) -> None:
    """Hold what every request needs for longer than requests wait for a connection."""
    async with await psycopg.AsyncConnection.connect(deployment.database.superuser) as connection:
        await connection.execute("SELECT 1 FROM billing_usage_total FOR UPDATE")
        await asyncio.sleep(LONGER_THAN_THE_POOL_WAITS)


async def slow_the_database(deployment: Deployment, _: random.Random) -> None:
    """Let PostgreSQL work a quarter of the time only."""
    await asyncio.to_thread(deployment.hold_up_backends, 3.0)


async def deliver_jobs_twice(deployment: Deployment, _: random.Random) -> None:
    """Have the queue forget that jobs were done: it hands them out once more."""
    await asyncio.to_thread(deployment.order_jobs)
    await asyncio.sleep(LONG_ENOUGH_FOR_SOME_JOBS)
    await asyncio.to_thread(deployment.forget_that_jobs_were_done)


KILLS: tuple[Fault, ...] = (kill_a_replica, kill_a_worker)
OTHERS: tuple[Fault, ...] = (restart_postgres, exhaust_the_pool, slow_the_database, deliver_jobs_twice)
