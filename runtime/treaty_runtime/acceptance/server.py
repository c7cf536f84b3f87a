"""The application behind a real socket, in the event loop that the scenarios run in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from litestar import Litestar

__all__ = ["Server"]


class _Uvicorn(uvicorn.Server):
    """Leaves signals alone: Ctrl-C stops the verification, which then stops the server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class Server:
    """Serves an application on a free port of 127.0.0.1."""

    def __init__(self, app: Litestar) -> None:
        # Called TCP by its number, or asyncio leaves small packets waiting for one another: 40 ms a request.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._server = _Uvicorn(uvicorn.Config(app, lifespan="on", log_config=None, access_log=False))
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def start(self) -> bool:
        """Serve. `False` when the application did not start; its log says why."""
        self._task = asyncio.create_task(self._server.serve([self._socket]))
        while not self._server.started and not self._task.done():  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.005)
        return self._server.started

    async def stop(self) -> None:
        """Finish what is being answered, then stop."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()
