"""Makes and starts the server of one folder: `initdb`, `pg_ctl start`, and what a killed process left behind."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from treaty_runtime.embedded import bootstrap, watchdog
from treaty_runtime.embedded.account import Account
from treaty_runtime.embedded.binaries import VERSION
from treaty_runtime.embedded.watchdog import PORT, SOCKET_PREFIX, STARTING, Postmaster
from treaty_runtime.errors import EmbeddedPostgresError

__all__ = ["Starter", "server_url"]

LONGEST_SOCKET = 107  # characters, with the file's name in the folder
START_SECONDS = 60
TELLING = re.compile(r"(?:FATAL|PANIC|error):\s+(.*)")
INSTEAD = "name another folder in TREATY_DATA_DIR, or set DATABASE_URL"


def server_url(server: Postmaster, role: str, database: str) -> str:
    """Where a role finds a database of the server."""
    host = quote(str(server.socket_folder), safe="")
    return f"postgresql://{role}@/{quote(database, safe='')}?host={host}&port={PORT}"


class Starter:
    """Brings the server of one folder up. The caller holds `start.lock` and a share of `users.lock`."""

    def __init__(self, home: Path, account: Account, binaries: Path, *, durable: bool) -> None:
        """Serve `home` with the programs in `binaries`, run as `account`."""
        self._home = home
        self._data = home / "data"
        self._account = account
        self._binaries = binaries
        self._durable = durable

    def ensure(self) -> Postmaster:
        """The running server, watched, with its roles and its database."""
        self._watch()
        server = self._running()
        if server is None:
            self._make()
            server = self._launch()
        bootstrap.ensure_roles_and_database(server_url(server, bootstrap.SUPERUSER, "postgres"))
        return server

    def _watch(self) -> None:
        # Before the server is started: if we are killed on the way, it is stopped all the same.
        command = [sys.executable, "-I", "-S", watchdog.__file__, str(self._home)]
        subprocess.run(  # noqa: S603  our own script
            command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _running(self) -> Postmaster | None:
        """The server that runs already. What a dead one left behind is removed."""
        server = Postmaster.read(self._data)
        if server is None:
            return None
        if server.answers() or (_alive(server.pid) and _comes_up(server)):
            return self._ready()
        # PostgreSQL checks the data folder's shared memory by itself, so a server that lives after all is noticed.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        server.remove_socket_folder()
        return None

    def _ready(self) -> Postmaster:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            server = Postmaster.read(self._data)
            if server is not None and server.status == "ready":
                return server
            time.sleep(0.02)
        raise EmbeddedPostgresError(
            f"The PostgreSQL that runs in {self._data} is not ready after {START_SECONDS} seconds. "
            f"Its log is {self._data / 'server.log'}; stop it, or {INSTEAD}."
        )

    def _make(self) -> None:
        """Make the data folder, whole or not at all."""
        if self._data.exists():
            self._check_version()
            return
        draft = self._home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        self._account.own(draft)
        made = self._account.run(
            self._binaries / "initdb",
            *("--pgdata", draft, "--username", bootstrap.SUPERUSER, "--encoding", "UTF8", "--locale", "C"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *("--auth-local", "trust", "--auth-host", "reject", "--set", "timezone=UTC", "--set", "log_timezone=UTC"),
            *(() if self._durable else ("--no-sync",)),
        )
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise EmbeddedPostgresError(
                f"PostgreSQL cannot make its data folder {self._data}: {_reason(made.stderr)}. "
                f"Put that right, {INSTEAD}."
            )
        draft.replace(self._data)

    def _check_version(self) -> None:
        try:
            found = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            found = "none"
        if found != VERSION:
            raise EmbeddedPostgresError(
                f"{self._data} was made by another version of PostgreSQL ({found}; this is {VERSION}). "
                f"Move it away to begin with an empty database, or {INSTEAD}."
            )

    def _launch(self) -> Postmaster:
        sockets = self._socket_folder()
        log = self._data / "server.log"
        log.unlink(missing_ok=True)  # one log per run, so that it does not grow for ever
        options = {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{sockets}"',
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            **({} if self._durable else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}),
        }
        (self._home / STARTING).touch()
        started = self._account.run(
            self._binaries / "pg_ctl",
            "start",
            "--wait",
            "--silent",
            "--timeout",
            str(START_SECONDS),
            "--pgdata",
            self._data,
            "--log",
            log,
            "--options",
            shlex.join(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        )
        (self._home / STARTING).unlink()  # not when we are killed or interrupted: the watchdog wants to know
        if started.returncode != 0:
            shutil.rmtree(sockets, ignore_errors=True)
            raise EmbeddedPostgresError(
                f"PostgreSQL does not start in {self._data}: {_reason(_text(log) or started.stderr)}. "
                f"Its log is {log}. Put that right, {INSTEAD}."
            )
        return self._ready()

    def _socket_folder(self) -> Path:
        room = LONGEST_SOCKET - len(os.fsencode(f"/{SOCKET_PREFIX}12345678/.s.PGSQL.{PORT}"))
        base = Path(tempfile.gettempdir())
        if len(os.fsencode(base)) > room or not self._account.can_enter(base):
            base = Path("/tmp")  # noqa: S108  mkdtemp makes a folder that is ours alone
        folder = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=base))
        self._account.own(folder)
        return folder


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _comes_up(server: Postmaster, seconds: float = 2.0) -> bool:
    """Whether a server that was starting when its starter was killed answers after all."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.answers():
            return True
        time.sleep(0.05)
    return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _reason(output: str) -> str:
    """The line that says most, of what PostgreSQL's programs print."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [found[1] for line in lines if (found := TELLING.search(line))]
    return (telling[:1] or lines[-1:] or ["it gave no reason"])[0].rstrip(".")
