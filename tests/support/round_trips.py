"""How often a service waits for its database: counted on the wire, between the two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

__all__ = ["RoundTrips"]

SOCKET = ".s.PGSQL.5432"
QUIET = 20  # turns of the event loop, which serves too: who has more to send without waiting does it in one or two


class RoundTrips:
    """Stands between a service and a PostgreSQL on a Unix socket, in the service's own event loop.

    It holds the server's words back until the service has nothing more to say. `count` is how often that was so.
    """

    def __init__(self, url: str, folder: Path) -> None:
        """`url` is where the server is; `url_of` tells where it is to be had through here."""
        self._server = Path(parse_qs(urlsplit(url).query)["host"][0]) / SOCKET
        self._folder = folder
        self.count = 0

    def url_of(self, url: str) -> str:
        """The same database and role, through here."""
        return urlunsplit(urlsplit(url)._replace(query=f"host={quote(str(self._folder))}"))

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[None]:
        """Be there while the block runs."""
        server = await asyncio.start_unix_server(self._connected, self._folder / SOCKET)
        try:
            yield
        finally:
            server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self._server)
        said = _Said()
        asking = asyncio.create_task(said.pass_on(reader, server_writer))
        while words := await server_reader.read(65536):
            self.count += await said.wait_for_quiet()
            writer.write(words)
        asking.cancel()
        writer.close()
        server_writer.close()


@dataclass(slots=True)
class _Said:
    """What a client says to its server."""

    parts: int = 0
    answered: int = 0

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while words := await reader.read(65536):
            self.parts += 1
            writer.write(words)
        writer.close()

    async def wait_for_quiet(self) -> bool:
        """Wait until the client waits; whether it has said something since it did so last."""
        turns, parts = 0, self.parts
        while turns < QUIET:
            await asyncio.sleep(0)
            turns, parts = (turns + 1, parts) if parts == self.parts else (0, self.parts)
        waited, self.answered = self.parts > self.answered, self.parts
        return waited
