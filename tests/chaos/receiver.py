"""Takes events as a subscriber does, and not always at the first attempt."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REFUSED_EVERY = 97  # one in so many deliveries is answered with 503


@dataclass(slots=True)
class Receiver:
    """What came in: the events in the order of their first arrival, and how many deliveries there were."""

    address: str
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    deliveries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, event: dict[str, Any]) -> bool:
        """Whether this delivery is taken."""
        with self.lock:
            self.deliveries += 1
            if self.deliveries % REFUSED_EVERY == 0:
                return False
            self.events.setdefault(event["id"], event)
            return True


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver at an address of this machine while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            with suppress(ConnectionError):  # of whoever was killed while sending, or before the answer
                if len(body := self.rfile.read(size)) < size:
                    self.close_connection = True
                    return
                taken = receiver.take(json.loads(body))
                self.send_response(204 if taken else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing: the reckoning says what came in."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}/events")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        server.shutdown()
