"""The one place where Stripe's client is made: everybody who asks Stripe for something gets it here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import stripe
from stripe import StripeClient

from treaty_runtime.settings import SIMULATOR, Settings

__all__ = ["is_missing", "related_object", "stripe_client"]

SECONDS = 10.0  # that Stripe has to answer; a job comes again
RETRIES = 2  # of what is safe to send again: the SDK makes none unless told
SIMULATED_KEY = "sk_test_simulator"

_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str | None, float], StripeClient]] = (
    WeakKeyDictionary()
)


async def stripe_client(settings: Settings, *, patience: float = SECONDS) -> StripeClient:
    """The client of these settings: of Stripe, or of the simulator, which is started when it does not run yet.

    Stripe has `patience` seconds to answer; give it less where somebody waits.
    """
    key, address = _key(settings), None
    if key == SIMULATOR:
        key, address = SIMULATED_KEY, await asyncio.to_thread(_simulated, settings.data_dir / "stripe")
    known = _clients.setdefault(asyncio.get_running_loop(), {})  # its connections belong to the loop
    if (key, address, patience) not in known:
        known[key, address, patience] = _made(key, address, patience)
    return known[key, address, patience]


async def related_object(settings: Settings, address: str, /) -> Mapping[str, Any] | None:
    """The object that an event names by its address, such as `/v1/subscriptions/sub_1`; `None` when it was deleted.

    An event that names none, such as that of a customer's entitlements, is asked for itself: it has data of its own, or
    names the snapshot event that holds the object.
    """
    client = await stripe_client(settings)
    found = await _fetched(client, address)
    if found is None or found.get("object") != "v2.core.event":
        return found
    if snapshot := found.get("snapshot_event"):
        event = await _fetched(client, f"/v1/events/{snapshot}")
        return event and event["data"]["object"]
    return found.get("data")


async def _fetched(client: StripeClient, address: str) -> dict[str, Any] | None:
    try:
        response: Any = await client.raw_request_async("get", address)
    except stripe.InvalidRequestError as error:
        if is_missing(error):
            return None
        raise
    found: dict[str, Any] = response.data
    return found


def is_missing(error: stripe.StripeError) -> bool:
    """Whether Stripe says that there is no such object."""
    return error.code == "resource_missing"


def _key(settings: Settings) -> str:
    return settings.stripe_api_key.get_secret_value() if settings.stripe_api_key else SIMULATOR


def _simulated(folder: Path) -> str:
    from saas.billing.simulated_stripe import running_in  # only where it is wanted

    return running_in(folder)


def _made(key: str, address: str | None, patience: float) -> StripeClient:
    stripe.enable_telemetry = False
    return StripeClient(
        key,
        base_addresses={"api": address, "meter_events": address} if address else None,
        max_network_retries=RETRIES,
        http_client=stripe.HTTPXClient(timeout=patience),
    )
