"""Stops the embedded PostgreSQL when its last user is gone, however that user went.

Every user holds a shared lock on `users.lock`, which the kernel takes back from any process that ends, `kill -9`
included. The watchdog is a small process that waits for the exclusive lock on the same file: it gets it when nobody is
left, stops the server and ends. Nothing is polled and no process id is trusted.

Standard library only: it runs as a script with `python -I -S`, so that it is up in a few milliseconds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PORT", "Postmaster", "lock_file"]

PORT = 5432
SOCKET_PREFIX = "treaty-"
STARTING = "starting"  # a file that is there while the server is being started


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What `postmaster.pid` in a data folder says of the server that wrote it. The server may be long gone."""

    data: Path
    pid: int
    socket_folder: Path
    status: str

    @classmethod
    def read(cls, data: Path) -> Postmaster | None:
        """The server of a data folder, `None` when there is none."""
        try:
            lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return None
        if len(lines) < 5 or not lines[0].isdigit():
            return None
        status = lines[7].strip() if len(lines) > 7 else ""
        return cls(data=data, pid=int(lines[0]), socket_folder=Path(lines[4]), status=status)

    def answers(self) -> bool:
        """Whether a server listens. A process id alone says nothing: another process may have got the number."""
        try:
            folder = self.socket_folder.stat()
            if folder.st_mode & 0o077 or folder.st_uid != self.data.stat().st_uid:
                return False  # not the private folder that we made
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.connect(str(self.socket_folder / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
        return True

    def stop(self, seconds: float = 60.0) -> None:
        """Stop the server: politely (its clients are cut off), at once when that takes too long."""
        for signal_number in (signal.SIGINT, signal.SIGQUIT):
            if not self.answers():
                break
            os.kill(self.pid, signal_number)
            _wait_while(self.answers, seconds)
        _wait_while((self.data / "postmaster.pid").exists, 1.0)  # the last thing that a server removes
        self.remove_socket_folder()

    def remove_socket_folder(self) -> None:
        """Remove the folder that the socket was in, if it is one that we made."""
        if self.socket_folder.name.startswith(SOCKET_PREFIX):
            shutil.rmtree(self.socket_folder, ignore_errors=True)


def _wait_while(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and condition():
        time.sleep(0.01)


def lock_file(path: Path) -> int:
    """An open lock file. It is never deleted: two processes must not hold locks on two files of one name."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def watch(home: Path) -> None:
    """Go into the background, wait until nobody uses the server in `home`, then stop it."""
    own = lock_file(home / "watchdog.lock")
    try:
        fcntl.flock(own, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # another one watches
    if os.fork():
        return  # the child keeps the lock
    os.setsid()  # Ctrl-C in the terminal ends the users, not the watchdog
    users = lock_file(home / "users.lock")
    fcntl.flock(users, fcntl.LOCK_EX)
    _stop_server(home)
    # Our own lock first: whoever waits for `users.lock` to start the server must find that nobody watches it.
    os.close(own)
    os.close(users)


def _stop_server(home: Path) -> None:
    # Whoever was starting the server may have been killed on the way: then it comes up, or not, in a moment.
    patience = 5.0 if (home / STARTING).exists() else 0.0
    _wait_while(lambda: not _answers(home), patience)
    server = Postmaster.read(home / "data")
    if server is not None:
        server.stop()
    (home / STARTING).unlink(missing_ok=True)


def _answers(home: Path) -> bool:
    server = Postmaster.read(home / "data")
    return server is not None and server.answers()


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
