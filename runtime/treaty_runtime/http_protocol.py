"""HTTP/1.1 as uvicorn reads it; what is no HTTP, or has no end before its body, is answered with a problem document."""

from __future__ import annotations

import json

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from treaty_runtime.identifiers import new_id
from treaty_runtime.problems import MEDIA_TYPE, document
from treaty_runtime.refusals import Malformed

__all__ = ["HttpProtocol"]

MAX_HEAD = 65_536  # uvicorn itself collects headers for as long as somebody sends them
NO_HTTP = "This is no HTTP/1.1 request."
TOO_LONG = f"The request line and the headers are longer than {MAX_HEAD} bytes."

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.requests")


class HttpProtocol(HttpToolsProtocol):
    """One connection. The head of a request is its first line and its headers."""

    _in_head = False
    _head = 0

    def data_received(self, data: bytes) -> None:
        """Read on; refuse a head that grows without end."""
        super().data_received(data)
        if self._in_head:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self.send_400_response(TOO_LONG)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is there, perhaps at once and too long all the same."""
        self._in_head = False
        self._head = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if self._head > MAX_HEAD:
            raise ValueError(TOO_LONG)  # the parser stops, and calls this a malformed request
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's words)
        """Refuse what cannot be understood, and hang up."""
        request_id = str(new_id())
        log.info("not_http", request_id=request_id, status=Malformed.status)
        detail = TOO_LONG if self._head > MAX_HEAD else NO_HTTP
        body = json.dumps(document(Malformed(detail), request_id)).encode()
        headers = {
            "content-type": MEDIA_TYPE,
            "content-length": str(len(body)),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "x-request-id": request_id,
            "connection": "close",
        }
        lines = [f"{name}: {value}\r\n".encode() for name, value in headers.items()]
        self.transport.write(b"".join([STATUS_LINE[Malformed.status], *lines, b"\r\n", body]))
        self.transport.close()
