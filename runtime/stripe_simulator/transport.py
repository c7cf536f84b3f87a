"""Requests as they come and answers as they go: what is between the server and the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from stripe_simulator.context import API_VERSION, new_id
from stripe_simulator.errors import StripeError
from stripe_simulator.parameters import decode_form, decode_json

__all__ = ["Answer", "Receive", "Request", "Scope", "Send", "hang_up", "read", "reply"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST = 2_000_000  # bytes of a request's body


@dataclass(frozen=True, slots=True)
class Request:
    """A request, read to its end."""

    id: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def v2(self) -> bool:
        """Whether it is of the API that speaks JSON."""
        return self.path.startswith("/v2/")

    @property
    def bearer(self) -> str:
        """The key or token it comes with."""
        kind, _, key = self.headers.get("authorization", "").partition(" ")
        return key.strip() if kind.lower() == "bearer" else ""

    def given(self) -> dict[str, Any]:
        """What it says, undecided what of it is known. Raises `StripeError` when it cannot be read."""
        if len(self.body) > LARGEST:
            raise StripeError(f"The request is larger than {LARGEST} bytes.")
        if self.method in ("GET", "DELETE"):
            return decode_form(self.query)
        if self.v2 or self.path.startswith("/_simulator"):
            return decode_json(self.body)
        return decode_form(self.body.decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: str
    headers: dict[str, str]


async def read(scope: Scope, receive: Receive) -> Request:
    """A request with its body, which ends where it is too large anyway."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > LARGEST:
            break
    return Request(
        new_id("req", 14),
        scope["method"],
        scope["path"],
        scope["query_string"].decode(errors="replace"),
        {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]},
        bytes(body),
    )


async def hang_up(receive: Receive) -> None:
    """Close the connection without a word."""
    cycle = getattr(receive, "__self__", None)
    if isinstance(cycle, RequestResponseCycle):
        cycle.transport.abort()
        await receive()  # returns when the server has noticed


async def reply(send: Send, answer: Answer, request_id: str) -> None:
    """Send an answer."""
    body = answer.body.encode()
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Request-Id": request_id,
        "Stripe-Version": API_VERSION,
        "Cache-Control": "no-store",
        **answer.headers,
    }
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    with suppress(OSError):
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})
