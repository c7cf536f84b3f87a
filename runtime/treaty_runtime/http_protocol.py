"""HTTP/1.1 as uvicorn reads it. What is no HTTP, too long or too slow is answered with a problem document."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from treaty_runtime.identifiers import new_id
from treaty_runtime.problems import MEDIA_TYPE, document
from treaty_runtime.refusals import HeadTooLarge, Malformed, Refusal, RequestTimeout
from treaty_runtime.request_body import TOO_SLOW

__all__ = ["HttpProtocol"]

MAX_HEAD = 65_536  # uvicorn itself collects headers for as long as somebody sends them

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.requests")


class HttpProtocol(HttpToolsProtocol):
    """One connection. The head of a request is its first line and its headers."""

    _in_head = False
    _head = 0
    _reading_since: float | None = None  # since when a request is awaited or arrives; the loop's clock

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody is there."""
        super().connection_made(transport)
        self._reading_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """Read on; refuse a head that grows without end."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self._refuse(_too_long())

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._head, self._reading_since = True, 0, self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there, perhaps at once and too long all the same."""
        self._in_head = False
        self._head = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if self._head > MAX_HEAD:
            raise ValueError(HeadTooLarge.title)  # the parser stops, and calls this a malformed request
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of the request is there."""
        self._reading_since = None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's words)
        """Refuse what cannot be understood."""
        self._refuse(_too_long() if self._head > MAX_HEAD else Malformed("This is no HTTP/1.1 request."))

    def give_up_if_slow(self, before: float) -> None:
        """Refuse a request that has been arriving since before that moment, unless nobody wants to read it yet."""
        if self._reading_since is None or self._reading_since > before or self.flow.read_paused:
            return
        self._reading_since = None
        cycle: RequestResponseCycle | None = self.cycle
        if self._in_head:
            self._refuse(RequestTimeout())
        elif cycle is not None and not cycle.response_complete:
            cycle.scope["state"][TOO_SLOW] = True
            cycle.keep_alive = False
            cycle.message_event.set()  # whoever waits for more of the body
        else:
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer a request that never became one, and hang up."""
        request_id = str(new_id())
        log.info("not_http", request_id=request_id, status=refusal.status)
        body = json.dumps(document(refusal, request_id)).encode()
        headers = {
            "content-type": MEDIA_TYPE,
            "content-length": str(len(body)),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "x-request-id": request_id,
            "connection": "close",
        }
        status = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}\r\n".encode()
        lines = [f"{name}: {value}\r\n".encode() for name, value in headers.items()]
        self.transport.write(b"".join([status, *lines, b"\r\n", body]))
        self.transport.close()


def _too_long() -> HeadTooLarge:
    return HeadTooLarge(f"The request line and the headers are longer than {MAX_HEAD} bytes.")
