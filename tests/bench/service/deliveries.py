"""Deliveries of a webhook at a steady rate, whatever the answers take, each with an event of its own. Prints JSON.

An answer's time counts from when its delivery was due: one that had to wait, because answers before it were late, has
waited, and is not left out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import uvloop

from stripe_simulator.signatures import signature

RUN = secrets.token_hex(4)


@dataclass(slots=True)
class Sender:
    """What is due, the connections that are free, and of what was answered, the statuses and the seconds it took.

    `done` is set once there are as many answers as were `wanted`.
    """

    wanted: int

    free: list[Connection] = field(default_factory=list)
    due: deque[tuple[float, bytes]] = field(default_factory=deque)
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def deliver(self, due_at: float, request: bytes) -> None:
        """Send it now, or as soon as a connection is free."""
        self.due.append((due_at, request))
        self.go_on()

    def go_on(self) -> None:
        """Send what is due."""
        while self.due and self.free:
            self.free.pop().send(*self.due.popleft())

    def answered(self, connection: Connection, status: int, seconds: float) -> None:
        """Count it, and use its connection again."""
        self.statuses[status] += 1
        self.times.append(seconds)
        self.free.append(connection)
        self.go_on()
        if len(self.times) == self.wanted:
            self.done.set()


class Connection(asyncio.Protocol):
    """A connection, with one request under way at most."""

    def __init__(self, sender: Sender) -> None:
        self.sender, self.received, self.expected, self.due_at = sender, bytearray(), 0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.sender.free.append(self)

    def send(self, due_at: float, request: bytes) -> None:
        """Send a request."""
        self.due_at = due_at
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.expected:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.received[:end].lower()
            at = head.index(b"content-length:") + 15
            self.expected = end + 4 + int(head[at : head.find(b"\r\n", at) % (end + 1)])
        if len(self.received) >= self.expected:
            status = int(self.received[9:12])
            del self.received[: self.expected]
            self.expected = 0
            self.sender.answered(self, status, perf_counter() - self.due_at)


def requests(path: str, event: dict[str, Any], secret: str, count: int) -> list[bytes]:
    """So many signed deliveries, with ids of their own."""
    made, now = [], int(time.time())
    for number in range(count):
        body = json.dumps({**event, "id": f"evt_{RUN}{number:09}"}, separators=(",", ":")).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Stripe-Signature: {signature(body, [secret], now)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


async def run(waiting: Sequence[bytes], port: int, connections: int, rate: float) -> dict[str, object]:
    """Send them, `rate` in each second; what came back, and how long it took."""
    sender, loop = Sender(len(waiting)), asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(sender), "127.0.0.1", port)
    began = perf_counter()
    for number, request in enumerate(waiting):
        due_at = began + number / rate
        await asyncio.sleep(max(0.0, due_at - perf_counter()))
        sender.deliver(due_at, request)
    await sender.done.wait()
    times = sorted(sender.times)
    return {
        "seconds": perf_counter() - began,
        "statuses": dict(sender.statuses),
        "median_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[len(times) * 99 // 100] * 1000,
    }


def main() -> None:
    """Send what the options say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", required=True)
    parser.add_argument("--event", type=Path, required=True, help="a file with an event as JSON")
    parser.add_argument("--secret", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="deliveries in a second")
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    event = json.loads(options.event.read_bytes())
    made = requests(options.path, event, options.secret, int(options.rate * options.seconds))
    json.dump(uvloop.run(run(made, options.port, options.connections, options.rate)), sys.stdout)


if __name__ == "__main__":
    main()
