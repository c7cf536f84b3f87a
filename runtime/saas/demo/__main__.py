"""`python -m saas.demo`: start everything, walk through it, and serve until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import suppress

import httpx
from rich.console import Console

from saas.demo.running import Running, running
from saas.demo.screen import Screen
from saas.demo.subscribing import subscribe
from saas.demo.using import use
from saas.demo.walk import Walk
from treaty_runtime.errors import OperatorError

__all__ = ["main"]

DATABASES = ("DATABASE_URL", "DATABASE_SYSTEM_URL", "DATABASE_OWNER_URL")
STRIPE = ("STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRETS", "STRIPE_RETURN_ORIGINS")


def main() -> int:
    """Give the demonstration. 0: all was as promised; 1: something was not, or it cannot be given."""
    parser = argparse.ArgumentParser(prog="python -m saas.demo", description="The billing service on this machine.")
    parser.add_argument("--once", action="store_true", help="end after the walk instead of serving until Ctrl-C")
    once: bool = parser.parse_args().once
    screen = Screen(Console())
    _leave_alone(screen)
    try:
        return asyncio.run(_until_signalled(screen, once=once))
    except OperatorError as error:
        print(f"The demonstration cannot be given. {error}", file=sys.stderr)  # noqa: T201 - it is a command
        return 1


def _leave_alone(screen: Screen) -> None:
    """The demonstration writes and subscribes, so it takes nothing that is meant for something else."""
    for names, instead in ((DATABASES, "its own PostgreSQL"), (STRIPE, "a simulator of Stripe")):
        given = [name for name in names if os.environ.pop(name, None)]
        if given:
            screen.say(f"{' and '.join(given)} left alone: the demonstration brings {instead}.")


async def _until_signalled(screen: Screen, *, once: bool) -> int:
    """Ctrl-C and SIGTERM end it in good order: the server, the worker, PostgreSQL."""
    task = asyncio.create_task(_demonstrate(screen, once=once))
    received: list[int] = []

    def stop(number: int) -> None:
        if not received:  # a second Ctrl-C does not cut short what the first one began
            received.append(number)
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        return await task
    except asyncio.CancelledError:
        return 128 + received[0]
    finally:
        if received:
            screen.say("Stopped.")


async def _demonstrate(screen: Screen, *, once: bool) -> int:
    async with running(screen) as service:
        if not await _walk(service, screen):
            screen.say("\nNot everything was answered as promised.")
            return 1
        screen.addresses(service.address, service.token, service.log)
        if not once:
            screen.say("Ctrl-C ends it.")
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
    return 0


async def _walk(service: Running, screen: Screen) -> bool:
    walk = Walk(screen)
    try:
        async with (
            _client(service.address, service.token) as ann,
            _client(service.address, service.buyers_token) as gil,
            httpx.AsyncClient(timeout=30, trust_env=False) as browser,
        ):
            await use(walk, ann)
            await subscribe(walk, gil, browser, service)
    except httpx.TransportError as error:
        raise OperatorError(f"The service stopped answering; {service.log} says why.") from error
    return walk.kept


def _client(address: str, token: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=address, headers=headers, timeout=30, trust_env=False)


if __name__ == "__main__":
    sys.exit(main())
