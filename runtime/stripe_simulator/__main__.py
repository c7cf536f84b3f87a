"""`python -m stripe_simulator --folder … --port …`: serve until a signal comes, or the process that started it ends."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from stripe_simulator.application import Application
from stripe_simulator.folder import Folder, FolderTaken
from stripe_simulator.storage import Store

BACKLOG = 1024
WATCH = 1.0  # seconds between two looks at whether the starter is still there


class _Server(uvicorn.Server):
    """Ends when a signal comes, and leaves it at that: raised again, it would cut short what comes after."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Have signals end it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(prog="stripe_simulator", description="A small Stripe of our own.")
    parser.add_argument("--folder", type=Path, required=True, help="where its state is kept")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started it has ended")
    options = parser.parse_args()
    try:
        folder = Folder(options.folder)
    except (FolderTaken, OSError) as error:
        sys.exit(f"{error} Stop what uses it, or choose another --folder.")
    # Called TCP by its number, or asyncio leaves small packets waiting for one another.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
        listener.listen(BACKLOG)
    except OSError as error:
        sys.exit(f"Nothing can listen on {options.host}, port {options.port}: {error.strerror}. Choose another --port.")
    asyncio.run(_serve(listener, folder, options.host, with_parent=options.with_parent))


async def _serve(listener: socket.socket, folder: Folder, host: str, *, with_parent: bool) -> None:
    store = Store(folder.database)
    address = f"http://{host}:{listener.getsockname()[1]}"
    application = Application(store, address)
    server = _Server(
        uvicorn.Config(application, lifespan="off", log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    )
    application.start()
    watch = asyncio.create_task(_end_with_parent(server)) if with_parent else None
    folder.tell(address)
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()
    try:
        await server.serve([listener])
    finally:
        if watch is not None:
            watch.cancel()
        await application.stop()
        store.close()


async def _end_with_parent(server: uvicorn.Server) -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(WATCH)
    server.handle_exit(signal.SIGTERM, None)


if __name__ == "__main__":
    main()
