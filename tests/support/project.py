"""A project in a folder of its own, driven as its users drive it: through commands, a database and HTTP."""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import jwt
import psycopg

from tests.support.forked import is_forked, run_forked
from treaty_runtime.embedded.server import EmbeddedPostgres
from treaty_runtime.roles import DatabaseUrls

__all__ = ["ROOT", "Database", "Project", "Service"]

ROOT = Path(__file__).parents[2]
# Beside mypy's usual cache, so that libraries are read once and not once per copied project.
MYPY_CACHE = ROOT / ".mypy_cache" / "projects"
# Of the hidden files, the manifest of what was generated is part of a project.
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".[!t]*", ".treaty", "*.egg-info", "test_*.py")
PATIENCE = 180.0  # for machines with much else to do
SERVING = re.compile(r'"address": ?"(http://[^"]+)"')


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database of the embedded server, as each role reaches it; `superuser` is the tests' back door."""

    urls: DatabaseUrls
    superuser: str

    @classmethod
    def create(cls, server: EmbeddedPostgres) -> Self:
        """A database with a name of its own."""
        name = f"test_{secrets.token_hex(6)}"
        server.create_database(name)
        return cls(server.urls(name), server.superuser_url(name))

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """Run SQL as the superuser, past row-level security, and return the rows there are."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a `pyproject.toml`; `path` are the folders below it that Python imports from."""

    folder: Path
    path: tuple[str, ...] = (".",)
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def copy(cls, source: Path, target: Path, names: Sequence[str], path: tuple[str, ...] = (".",)) -> Self:
        """Copy `names` (files and folders) of a project; what is hidden, cached or a test stays behind."""
        for name in names:
            if (source / name).is_dir():
                shutil.copytree(source / name, target / name, ignore=NOT_COPIED)
            else:
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source / name, target / name)
        return cls(target, path)

    def run(self, command: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run one of the installed commands (`treaty`, `mypy`, …) in the project's folder."""
        if is_forked(command, arguments):
            return run_forked([command, *arguments], self.folder, self._environment(environment))
        return subprocess.run(
            [_installed(command), *arguments],
            cwd=self.folder,
            env=self._environment(environment),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def must(self, command: str, *arguments: str, **environment: str) -> str:
        """Run a command that has to succeed; what it said."""
        said = self.run(command, *arguments, **environment)
        assert said.returncode == 0, f"{command} {' '.join(arguments)}\n{said.stdout}"
        return said.stdout

    def mypy(self, *files: str) -> subprocess.CompletedProcess[str]:
        """Check types strictly."""
        return self.run("mypy", "--strict", "--cache-dir", str(MYPY_CACHE), *files)

    def files(self, below: str = ".") -> dict[str, bytes]:
        """What stands below a folder, by path."""
        root = self.folder / below
        return {
            str(file.relative_to(root)): file.read_bytes()
            for file in sorted(root.rglob("*"))
            if file.is_file() and "__pycache__" not in file.parts
        }

    def on(self, database: Database) -> Service:
        """The project's service on a database that exists."""
        return Service(self, database)

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        python_path = os.pathsep.join(str(self.folder / part) for part in self.path)
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TREATY_", "DATABASE_", "STRIPE_"))
        }
        return {**kept, "PYTHONPATH": python_path, "PYTHONDONTWRITEBYTECODE": "1", **self.environment, **more}


@dataclass(slots=True)
class Service:
    """A project's service on a database, in a process of its own."""

    project: Project
    database: Database
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    address: str = ""
    log: str = ""

    @property
    def settings(self) -> dict[str, str]:
        """Its settings, as environment variables."""
        urls = self.database.urls
        return {
            "DATABASE_URL": urls.app,
            "DATABASE_SYSTEM_URL": urls.system,
            "DATABASE_OWNER_URL": urls.owner or "",
            "TREATY_JWT_SECRET": self.secret,
            "TREATY_OPERATOR_TOKEN": self.secret,
            "STRIPE_API_KEY": "simulator",
            "STRIPE_WEBHOOK_SECRETS": f"whsec_{self.secret}",
            "TREATY_PORT": "0",
        }

    def treaty(self, *arguments: str) -> str:
        """Run `treaty …` with the service's settings; it has to succeed."""
        return self.project.must("treaty", *arguments, **self.settings)

    def token(self, subject: str, **claims: Any) -> str:
        """An access token, as the organization's own login would sign it."""
        now = dt.datetime.now(dt.UTC)
        standard = {"sub": subject, "iss": "treaty", "aud": "treaty", "iat": now, "exp": now + dt.timedelta(hours=1)}
        return jwt.encode({**standard, **claims}, self.secret, algorithm="HS256")

    def client(self, token: str | None = None) -> httpx.Client:
        """An HTTP client that sends `token` as its own."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.address, headers=headers, timeout=PATIENCE)

    @contextmanager
    def served(self) -> Iterator[Self]:
        """Serve at `address` while the block runs. Afterwards `log` holds what the service wrote."""
        with tempfile.NamedTemporaryFile(prefix="service-", suffix=".log") as output:
            process = subprocess.Popen(
                [_installed("treaty"), "serve"],
                cwd=self.project.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.project._environment(self.settings),
            )
            try:
                self._wait_until_ready(process, Path(output.name))
                yield self
            finally:
                process.terminate()
                process.wait(timeout=PATIENCE)
                self.log = Path(output.name).read_text()

    def _wait_until_ready(self, process: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"the service ended with {process.returncode}:\n{log.read_text()}")
            if found := SERVING.search(log.read_text()):
                self.address = found[1]
                if httpx.get(f"{self.address}/health/ready").is_success:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the service is not ready after {PATIENCE:.0f} s:\n{log.read_text()}")


def _installed(command: str) -> str:
    return str(Path(sys.executable).with_name(command))
