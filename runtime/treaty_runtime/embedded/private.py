"""A folder of our own outside the project, for when PostgreSQL's user cannot reach the project's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from treaty_runtime.errors import EmbeddedPostgresError

__all__ = ["private_folder"]


def private_folder() -> Path:
    """`/var/tmp/treaty-<user id>`: others may pass through, and nobody but us may write.

    Anybody can make a folder in /var/tmp, so one that is not ours is refused, never used.
    """
    folder = Path("/var/tmp") / f"treaty-{os.geteuid()}"  # noqa: S108  checked below
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise EmbeddedPostgresError(
            f"{folder} is not a folder that belongs to us alone. Remove it, or set DATABASE_URL."
        )
    folder.chmod(0o711)  # whatever the umask made of it
    return folder
