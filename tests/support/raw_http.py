"""HTTP as a hostile client speaks it: bytes out, a parsed answer back."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Answer", "connection_to", "exchange", "parsed", "request", "until_closed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.status} {dict(self.headers)} {self.body[:500]!r}"


class _Replay:
    """Lets `HTTPResponse` read from bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def request(
    line: bytes, headers: Mapping[str, str | bytes], body: bytes = b"", *, length: bytes | None = None
) -> bytes:
    """A request as bytes; nothing is checked or escaped."""
    lines = [line + b" HTTP/1.1"]
    given = {"Host": "service.example", "Connection": "close", **headers}
    for name, value in given.items():
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    if "Transfer-Encoding" not in given and (body or length is not None):
        lines.append(b"Content-Length: " + (length if length is not None else str(len(body)).encode()))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def connection_to(address: str, *, buffer: int | None = None) -> socket.socket:
    """A connection to `http://host:port`; with `buffer`, hardly more bytes than that wait for whoever does not read."""
    where = urlsplit(address)
    host, port = where.hostname or "127.0.0.1", where.port or 80
    if buffer is None:
        return socket.create_connection((host, port), timeout=60)
    connection = socket.socket()
    connection.settimeout(60)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)  # before it is there, or it comes too late
    connection.connect((host, port))
    return connection


def exchange(address: str, sent: bytes, *, method: str = "POST") -> Answer:
    """Send bytes to `http://host:port` and read the answer until the service closes the connection."""
    with connection_to(address) as connection:
        # Refused before all of it was read, which is allowed; the answer is there all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(sent)
        data = until_closed(connection)
    return parsed(data, method=method)


def parsed(data: bytes, *, method: str = "POST") -> Answer:
    """An answer as it came."""
    response = HTTPResponse(_Replay(data), method=method)  # type: ignore[arg-type]  # it needs `makefile` only
    response.begin()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, response.read())


def until_closed(connection: socket.socket) -> bytes:
    """Everything that comes until the other side closes the connection."""
    parts: list[bytes] = []
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts)
