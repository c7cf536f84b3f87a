"""Sends deliveries: several at a time, again when they are not taken, until the simulator ends."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial

import httpx

from stripe_simulator.context import API_VERSION
from stripe_simulator.deliveries import Delivery, attempted, body_of, give_up, pause, waiting
from stripe_simulator.faults import DeliveryFaults
from stripe_simulator.signatures import signature
from stripe_simulator.storage import Document, Store
from stripe_simulator.thin_events import notification
from stripe_simulator.webhook_endpoints import active_secrets

__all__ = ["Sender"]

TIMEOUT = 10.0


class Sender:
    """The task that empties the table of deliveries."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: dict[int, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There may be something new to send."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled; what is under way then is sent again by the next process."""
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            try:
                while True:
                    self._start(client)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), pause(self._store))
                    self._wake.clear()
            finally:
                for task in self._running.values():
                    task.cancel()
                await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _start(self, client: httpx.AsyncClient) -> None:
        faults = DeliveryFaults.of(self._store)
        free = faults.concurrency - len(self._running)
        if faults.paused or free <= 0:
            return
        for delivery in waiting(self._store, free, set(self._running)):
            task = asyncio.create_task(self._send(client, delivery, faults))
            self._running[delivery.id] = task
            task.add_done_callback(partial(self._ended, delivery.id))

    def _ended(self, delivery: int, _task: asyncio.Task[None]) -> None:
        del self._running[delivery]
        self._wake.set()

    async def _send(self, client: httpx.AsyncClient, delivery: Delivery, faults: DeliveryFaults) -> None:
        event, endpoint = self._store.find(delivery.event), self._store.find(delivery.endpoint)
        if event is None or endpoint is None:
            give_up(self._store, delivery, "The endpoint is gone.")
            return
        answered, error = None, None
        try:
            answered = await _post(client, endpoint, event, faults)
        except Exception as failure:  # whatever it is, it is tried again later
            error = f"{type(failure).__name__}: {failure}"
        attempted(self._store, delivery, answered, error)


async def _post(client: httpx.AsyncClient, endpoint: Document, event: Document, faults: DeliveryFaults) -> int:
    body = body_of(notification(event) if event["object"] == "v2.core.event" else _of_version(event, faults))
    # Receivers compare the signature's time with the real one, so that is what it is, however the clock was moved.
    now = time.time()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(body, active_secrets(endpoint, now), int(now) + faults.skew),
        "User-Agent": f"Stripe/1.0 (simulated; {API_VERSION})",
    }
    answer = await client.post(endpoint["url"], content=body, headers=headers)
    return answer.status_code


def _of_version(event: Document, faults: DeliveryFaults) -> Document:
    """A snapshot that says it is of another version of the API, if that is asked for."""
    return event if faults.api_version is None else {**event, "api_version": faults.api_version}
