"""The sockets of the mock: HTTP/1.1 by the standard library, one thread for each connection."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from treaty.mock.reading import Received
from treaty.mock.refusals import Refused, refusal
from treaty.mock.service import Answer, Service

MAX_BODY = 1_048_576
IDLE_SECONDS = 60
# How the parts of the standard library's own complaints are said here.
_OTHERWISE = {414: "The path is too long.", 431: "The headers are too long.", 505: "Speak HTTP/1.1."}


class ListenError(Exception):
    """The address can't be listened on; the message says why."""


class Server(ThreadingHTTPServer):
    """Answers until it is shut down."""

    daemon_threads = True

    def __init__(self, host: str, port: int, service: Service, tell: Callable[[str], None]) -> None:
        """Listen. Raises `ListenError`."""
        self.service = service
        self.tell = tell
        try:
            super().__init__((host, port), Handler)
        except OSError as error:
            raise ListenError(_why(error, host, port)) from None
        except OverflowError:
            raise ListenError(f"There is no port {port}.") from None

    @property
    def url(self) -> str:
        """Where it answers."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def handle_error(self, *_: Any) -> None:
        """A caller who hangs up in the middle is no news; anything else is told in one line."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            self.tell(f"The connection was given up: {type(error).__name__}: {error}")


def _why(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} of {host} is taken. Choose another with --port, or 0 for any that is free."
        case errno.EACCES:
            return f"You may not listen on port {port}. Choose one from 1024 on with --port."
        case _:
            return f"{host}:{port} can't be listened on: {error.strerror or error}."


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "treaty-mock"
    sys_version = ""
    timeout = IDLE_SECONDS
    # An answer leaves at once and as a whole: in pieces, each would wait 40 ms for the caller's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def answer(self) -> None:
        """Read a request and answer it."""
        path, _, query = self.path.partition("?")
        try:
            body = self._body()
        except Refused as refused:
            self.close_connection = True  # what is left of the body would be taken for the next request
            self._send(self.server.service.refused(refused, self.headers.get("X-Request-Id", "")))
            return
        received = Received(self.command, path.partition("#")[0], query, self.headers, body)
        try:
            answer = self.server.service.answer(received)
        except Exception as error:  # a bug of ours must not end the consumer's day
            self.server.tell(f"{self.command} {path} failed: {type(error).__name__}: {error}")
            answer = self.server.service.refused(refusal("internal"))
        self._send(answer)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """http.server looks for `do_GET` and so on; which methods there are, the routes know."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def send_error(self, code: int, message: str | None = None, _explain: str | None = None) -> None:
        """What is no HTTP, as a problem document."""
        self.close_connection = True
        if not hasattr(self, "headers"):
            self.command, self.request_version = "", self.protocol_version
        said = _OTHERWISE.get(code, message)
        self._send(self.server.service.refused(refusal("malformed", said)))

    def handle_expect_100(self) -> bool:
        """Ask for the body at once: who waits for this answer sends nothing before."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def log_message(self, _format: str, *args: Any) -> None:
        """One line for each request, without addresses and times."""
        self.server.tell(" ".join(str(arg) for arg in args[:2]))

    def _body(self) -> bytes:
        """The body, as it was announced. Raises `Refused`."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        announced = self.headers.get("Content-Length", "0").strip()
        if not announced.isdecimal() or not announced.isascii():
            raise refusal("malformed", "Content-Length is no number.")
        return self._read(int(announced[:20]))

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size = self.rfile.readline(100).partition(b";")[0].strip()
            try:
                length = int(size, 16)
            except ValueError:
                raise refusal("malformed", "The body's chunks can't be told apart.") from None
            if length == 0:
                while self.rfile.readline(8192).strip():
                    pass
                return body
            body += self._read(length, already=len(body))
            self.rfile.readline(10)

    def _read(self, length: int, *, already: int = 0) -> bytes:
        if length < 0 or already + length > MAX_BODY:
            raise refusal("payload_too_large", f"The body is longer than {MAX_BODY} bytes.")
        body = self.rfile.read(length)
        if len(body) < length:
            raise refusal("malformed", "The connection ended in the middle of the body.")
        return body

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("X-Content-Type-Options", "nosniff")
        if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
