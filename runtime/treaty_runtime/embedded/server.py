"""Starts, shares and stops the embedded PostgreSQL.

One folder, one server: whoever starts it second uses the one that runs. It stops when its last user stops using it or
ends, `kill -9` included (see `watchdog`). If the last user and the watchdog are both killed, PostgreSQL stays, and the
next start uses it and watches it again.

    <folder>/data             what PostgreSQL keeps, its log (`server.log`) with it
    <folder>/start.lock       held while the server is being made or started
    <folder>/users.lock       shared by all users; exclusive while the server is being stopped
    <folder>/watchdog.lock    held by the watchdog
    <folder>/starting         there while PostgreSQL comes up

The socket is in a fresh private folder under the system's temporary folder each time: project folders may be too long
for a socket's name (107 characters) or lie on a file system that has no sockets. TCP is off. On that socket every role
is trusted; the folder lets no other system user in.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from treaty_runtime.embedded import bootstrap
from treaty_runtime.embedded.account import Account
from treaty_runtime.embedded.binaries import find_binaries
from treaty_runtime.embedded.home import explained, home_for
from treaty_runtime.embedded.starter import Starter, server_url
from treaty_runtime.embedded.watchdog import Postmaster, lock_file
from treaty_runtime.roles import APP, OWNER, SYSTEM, DatabaseUrls

__all__ = ["EmbeddedPostgres"]


class EmbeddedPostgres:
    """One use of the server in a folder. A context manager: leaving it stops using the server."""

    def __init__(self, home: Path, binaries: Path, server: Postmaster, users: int) -> None:
        """Use `start` instead: `users` is a lock that it took."""
        self.home = home
        self.binaries = binaries
        self._server = server
        self._users: int | None = users

    @classmethod
    def start(cls, folder: Path, *, durable: bool = True) -> Self:
        """Use the server in `folder`; make the folder and start the server when need be.

        `durable=False` is for tests: faster, and data may be lost when the machine stops.
        Raises `EmbeddedPostgresError`, which says why it cannot be and what to do.
        """
        with explained(folder):
            account = Account.choose()
            home = home_for(folder, account, durable=durable)
            users = lock_file(home / "users.lock")
            try:
                fcntl.flock(users, fcntl.LOCK_SH)  # waits while the watchdog stops the server
                binaries = find_binaries(account)
                with _exclusive(home / "start.lock"):
                    server = Starter(home, account, binaries, durable=durable).ensure()
            except BaseException:
                os.close(users)
                raise
        return cls(home, binaries, server, users)

    def stop(self) -> None:
        """Stop using the server. The last user stops it, and returns when it is down."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Read anew: somebody may have restarted it with PostgreSQL's own tools.
            (Postmaster.read(self.home / "data") or self._server).stop()
        except BlockingIOError:
            # Other users remain: this is granted at once. Or the watchdog is stopping the server: this waits for that.
            fcntl.flock(users, fcntl.LOCK_SH)
        finally:
            os.close(users)

    def urls(self, database: str = bootstrap.DATABASE) -> DatabaseUrls:
        """Where the three roles find a database."""
        owner, app, system = (server_url(self._server, role, database) for role in (OWNER, APP, SYSTEM))
        return DatabaseUrls(owner=owner, app=app, system=system)

    def superuser_url(self, database: str = bootstrap.DATABASE) -> str:
        """Where the superuser finds a database. For tests: a service never connects as one."""
        return server_url(self._server, bootstrap.SUPERUSER, database)

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Make a database that belongs to the owner role, empty or a copy of `template`."""
        bootstrap.create_database(self.superuser_url("postgres"), name, template=template)

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, and cut off whoever is connected to it."""
        bootstrap.drop_database(self.superuser_url("postgres"), name)

    def __enter__(self) -> Self:
        """The server itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop using the server."""
        self.stop()


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    lock = lock_file(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
