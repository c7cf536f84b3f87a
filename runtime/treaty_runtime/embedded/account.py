"""The system user that PostgreSQL runs as: ourselves, or `nobody` when we are root (PostgreSQL refuses root)."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from treaty_runtime.errors import EmbeddedPostgresError

__all__ = ["Account"]

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """Runs commands as one system user; `ids` is `None` for the user that we are."""

    ids: tuple[int, int] | None

    @classmethod
    def choose(cls) -> Account:
        """The user for PostgreSQL. Raises `EmbeddedPostgresError` when we are root and there is no other."""
        if os.geteuid() != 0:
            return cls(ids=None)
        try:
            entry = pwd.getpwnam(UNPRIVILEGED)
        except KeyError:
            raise EmbeddedPostgresError(
                f"PostgreSQL refuses to run as root, and this system has no user {UNPRIVILEGED} to run it as. "
                "Run this as an ordinary user, or set DATABASE_URL."
            ) from None
        return cls(ids=(entry.pw_uid, entry.pw_gid))

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, cut loose from our terminal and our PostgreSQL variables."""
        user, group = self.ids or (None, None)
        return subprocess.run(  # noqa: S603  our own commands, no shell
            [str(part) for part in command],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            env=_environment(),
            user=user,
            group=group,
            extra_groups=[] if self.ids else None,
        )

    def own(self, path: Path) -> None:
        """Give a folder to this user, closed to all others."""
        path.chmod(0o700)
        if self.ids:
            os.chown(path, *self.ids)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user gets into a folder."""
        return self.run("/bin/sh", "-c", 'cd "$1"', "sh", folder).returncode == 0

    def can_run(self, program: Path) -> bool:
        """Whether this user may run a program."""
        try:
            return self.run(program, "--version").returncode == 0
        except OSError:
            return False


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"}
