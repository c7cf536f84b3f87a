"""The application behind a socket: taken ports are said clearly, and running requests end before it does."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog
import uvicorn
from litestar import Litestar

from treaty_runtime.errors import OperatorError
from treaty_runtime.http_protocol import HttpProtocol

__all__ = ["ServingError", "address_of", "finished_within", "listen", "serving", "until_signal"]

BACKLOG = 2048

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.serve")


class ServingError(OperatorError):
    """The service cannot listen where it should, or not start at all."""


class _Server(uvicorn.Server):
    """Leaves signals to whoever started it: there may be a worker to stop, too."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listen(host: str, port: int, *, setting: str = "TREATY_PORT") -> socket.socket:
    """Listen on an address; port 0 takes a free one. Raises `ServingError` when it cannot be had.

    `setting` is the variable that the port came from, and its brother says the host.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # Called TCP by its number, or asyncio leaves small packets waiting for one another.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise ServingError(
            f"{host} is no address of this machine: {error.strerror}. Set {_host_of(setting)}."
        ) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ServingError(
            f"Nothing can listen on {host}, port {port}: {error.strerror}. "
            f"Stop what uses it, or choose another with {_ways(setting)}."
        ) from error
    return listener


def _host_of(setting: str) -> str:
    return f"{setting.removesuffix('PORT')}HOST"


def _ways(setting: str) -> str:
    return f"--port or {setting}" if setting == "TREATY_PORT" else setting


def address_of(listener: socket.socket) -> str:
    """The URL that a socket answers at."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


@asynccontextmanager
async def serving(
    app: Litestar,
    listener: socket.socket,
    *,
    shutdown_timeout: int = 5,
    request_timeout: float = 30.0,
    trusted_proxies: str = "127.0.0.1",
) -> AsyncIterator[None]:
    """Serve while the block runs; in the end, finish what is being answered, for `shutdown_timeout` seconds at most.

    A request has `request_timeout` seconds to arrive.

    The application must have started: `async with app.lifespan(), serving(app, listener)`. So what keeps it from
    starting is raised where it happens.
    """
    config = uvicorn.Config(
        app,
        http=HttpProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=shutdown_timeout,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]))
    watch = asyncio.create_task(_give_up_on_slow(server, request_timeout))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await task
        watch.cancel()


async def _give_up_on_slow(server: uvicorn.Server, seconds: float) -> None:
    """Look at all connections now and then: a timer for each would cost every request something."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(min(1.0, seconds / 2))
        for connection in list(server.server_state.connections):
            if isinstance(connection, HttpProtocol):
                connection.give_up_if_slow(loop.time() - seconds)


@asynccontextmanager
async def until_signal() -> AsyncIterator[asyncio.Event]:
    """An event that is set by the first SIGINT or SIGTERM; the second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    ending = (signal.SIGINT, signal.SIGTERM)

    def end() -> None:
        stop.set()
        for number in ending:
            loop.remove_signal_handler(number)

    for number in ending:
        loop.add_signal_handler(number, end)
    try:
        yield stop
    finally:
        for number in ending:
            loop.remove_signal_handler(number)


async def finished_within(seconds: float, task: asyncio.Task[None]) -> None:
    """Wait for a task that was told to stop; cancel it when it takes longer."""
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        log.warning("not_finished_in_time", seconds=seconds)
        task.cancel()
    with suppress(asyncio.CancelledError):
        await task
