"""What is to be sent to whom: a row for each event and endpoint, written with the event, kept until it was taken."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass

from stripe_simulator.context import Context
from stripe_simulator.faults import DeliveryFaults
from stripe_simulator.storage import Document, Store

__all__ = ["Delivery", "attempted", "counts", "enqueue", "give_up", "pause", "waiting"]

ATTEMPTS = 16
LONGEST_PAUSE = 60.0  # seconds between two attempts

chance = random.Random()  # noqa: S311 - it decides about faults


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: int
    event: str
    endpoint: str
    attempts: int


def enqueue(context: Context, event: Document) -> None:
    """Have an event delivered to every endpoint that asked for its type, with the faults that are set now."""
    faults = DeliveryFaults.of(context.store)
    for endpoint in context.store.all("webhook_endpoint"):
        if not wants(endpoint, event):
            continue
        for _ in range(faults.copies + (chance.random() < faults.duplicate)):
            add(context.store, event["id"], endpoint["id"], faults)


def wants(endpoint: Document, event: Document) -> bool:
    """Whether an endpoint is on, and asked for this type in this form."""
    thin = event["object"] == "v2.core.event"
    if endpoint["status"] != "enabled" or thin is not (endpoint["_payload"] == "thin"):
        return False
    kind = event["type"]
    return any(wanted in (kind, "*") for wanted in endpoint["enabled_events"])


def add(store: Store, event: str, endpoint: str, faults: DeliveryFaults) -> None:
    """One delivery, which a fault may drop or hold back."""
    state = "dropped" if chance.random() < faults.drop else "waiting"
    held = chance.uniform(0, faults.shuffle) if chance.random() < faults.reorder else 0.0
    store.execute(
        "INSERT INTO delivery (event, endpoint, state, not_before) VALUES (?, ?, ?, ?)",
        *(event, endpoint, state, time.time() + faults.delay + held),
    )


def waiting(store: Store, limit: int, running: set[int]) -> list[Delivery]:
    """Deliveries whose time has come, without those that are under way."""
    rows = store.rows(
        "SELECT id, event, endpoint, attempts FROM delivery WHERE state = 'waiting' AND not_before <= ?"
        " ORDER BY not_before, id LIMIT ?",
        *(time.time(), limit + len(running)),
    )
    return [Delivery(*row) for row in rows if row[0] not in running][:limit]


def pause(store: Store) -> float:
    """Real seconds until the next delivery's time comes, at most as long as anybody would wait."""
    ((next_one,),) = store.rows(
        "SELECT min(not_before) FROM delivery WHERE state = 'waiting' AND not_before > ?", time.time()
    )
    return LONGEST_PAUSE if next_one is None else max(0.001, float(next_one) - time.time())


def attempted(store: Store, delivery: Delivery, answered: int | None, error: str | None) -> None:
    """Note how an attempt ended: taken with 2xx, or to be tried again later, or given up."""
    attempts = delivery.attempts + 1
    taken = answered is not None and 200 <= answered < 300
    state = "delivered" if taken else "failed" if attempts >= ATTEMPTS else "waiting"
    pause = min(0.5 * 2**attempts, LONGEST_PAUSE)
    store.execute(
        "UPDATE delivery SET state = ?, attempts = ?, not_before = ?, answered = ?, error = ? WHERE id = ?",
        *(state, attempts, time.time() + pause, answered, error, delivery.id),
    )


def give_up(store: Store, delivery: Delivery, why: str) -> None:
    """Never send it again."""
    store.execute("UPDATE delivery SET state = 'failed', error = ? WHERE id = ?", why, delivery.id)


def counts(store: Store) -> dict[str, int]:
    """How many deliveries are in which state."""
    found = dict(store.rows("SELECT state, count(*) FROM delivery GROUP BY state"))
    return {state: found.get(state, 0) for state in ("waiting", "delivered", "failed", "dropped")}


def log(store: Store, limit: int) -> list[Document]:
    """The latest deliveries."""
    rows = store.rows(
        "SELECT delivery.id, event, endpoint, state, attempts, answered, error, json_extract(body, '$.type')"
        " FROM delivery JOIN object ON object.id = delivery.event ORDER BY delivery.id DESC LIMIT ?",
        limit,
    )
    names = ("id", "event", "endpoint", "state", "attempts", "answered", "error", "type")
    return [dict(zip(names, row, strict=True)) for row in rows]


def body_of(event: Document) -> bytes:
    """The bytes that are signed and sent; a receiver that writes the JSON anew has others."""
    return json.dumps(event, separators=(",", ":")).encode()
