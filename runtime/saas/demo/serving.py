"""The API and the worker, in this process."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from litestar import Litestar

from treaty_runtime.errors import OperatorError
from treaty_runtime.service import Service
from treaty_runtime.worker import work

__all__ = ["listen", "serving", "working"]


class _Server(uvicorn.Server):
    """Leaves signals to the demonstration, which stops the worker too."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Listen on a port, or on a free one when that is taken. Raises `OperatorError` when neither can be."""
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise OperatorError(f"Nothing can listen on {host}: {error.strerror}. Set TREATY_HOST.") from error
    return _bound(host, 0)


@asynccontextmanager
async def serving(app: Litestar, listener: socket.socket) -> AsyncIterator[None]:
    """Serve the application; in the end, finish what is being answered."""
    config = uvicorn.Config(app, lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        if not server.started:
            raise OperatorError("The service did not start; its log says why.")
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def working(service: Service) -> AsyncIterator[None]:
    """Run the worker; in the end, let it finish what it has begun."""
    stop = asyncio.Event()
    task = asyncio.create_task(work(service, stop))
    try:
        yield
    finally:
        stop.set()
        await task


def _bound(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    # Called TCP by its number, or asyncio leaves small packets waiting for one another.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener
