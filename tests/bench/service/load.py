"""Load: so many connections, each sends its next request when it has the answer to the one before. Prints JSON.

As plain as can be, so that the sender takes little of what it measures: requests are bytes, of answers the status and
the length are read.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import cast

import uvloop

RUN = secrets.token_hex(4)
BATCH = "%number"  # stands for as many digits


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, requests: Iterator[bytes], until: float, statuses: Counter[int], times: list[float]) -> None:
        self.requests, self.until, self.statuses, self.times = requests, until, statuses, times
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received, self.expected, self.sent_at = bytearray(), 0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._send()

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
            self.statuses[int(self.received[9:12])] += 1
            now = perf_counter()
            self.times.append(now - self.sent_at)
            del self.received[: self.expected]
            self.expected = 0
            if now < self.until:
                self._send()
            else:
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self.sent_at = perf_counter()
        self.transport.write(next(self.requests))


def records(token: str) -> Iterator[bytes]:
    """Single reports of usage, each with a key of its own."""
    for number in itertools.count():
        body = {"feature": "api_calls", "quantity": 1, "idempotencyKey": f"{RUN}-{number:09}", "sourceId": "gateway-1"}
        yield request("POST", "/billing/usage", token, body)


def batches(token: str) -> Iterator[bytes]:
    """A thousand reports of usage in one request, made once: of a batch, only the keys differ from the one before."""
    events = [
        {"feature": "api_calls", "quantity": 1, "idempotencyKey": f"{RUN}-{BATCH}-{event:04}"} for event in range(1000)
    ]
    text = request("POST", "/billing/usage/batch", token, {"events": events})
    for number in itertools.count():
        yield text.replace(BATCH.encode(), f"{number:0{len(BATCH)}}".encode())


def request(method: str, path: str, token: str, body: object = None) -> bytes:
    """A request as bytes."""
    text = b"" if body is None else json.dumps(body).encode()
    kind = f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n" if text else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{kind}\r\n"
    return head.encode() + text


async def run(requests: Iterator[bytes], port: int, connections: int, seconds: float) -> dict[str, object]:
    """What came back, and how long it took."""
    statuses: Counter[int] = Counter()
    times: list[float] = []
    loop, began = asyncio.get_running_loop(), perf_counter()
    made: Callable[[], Connection] = lambda: Connection(requests, began + seconds, statuses, times)  # noqa: E731
    clients = [(await loop.create_connection(made, "127.0.0.1", port))[1] for _ in range(connections)]
    await asyncio.gather(*(client.done for client in clients))
    times.sort()
    return {
        "seconds": perf_counter() - began,
        "statuses": dict(statuses),
        "median_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[len(times) * 99 // 100] * 1000,
    }


def main() -> None:
    """Send what the options say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--what", required=True, help="record, batch, or a path to GET")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    made = {"record": records, "batch": batches}.get(options.what)
    requests = made(options.token) if made else itertools.repeat(request("GET", options.what, options.token))
    result = uvloop.run(run(requests, options.port, options.connections, options.seconds))
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
