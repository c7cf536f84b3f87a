"""Folders of our own outside the project, for when PostgreSQL's user cannot reach the project's."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from pathlib import Path

from treaty_runtime.embedded.watchdog import lock_file
from treaty_runtime.errors import EmbeddedPostgresError

__all__ = ["private_place"]

MARKER = "belongs-to"


def private_place(name: str, *, belongs_to: Path | None = None) -> Path:
    """A folder that others may pass through and only we may write in.

    With `belongs_to` it can be made again at any time, and is removed some time after that is gone.
    """
    folder = _private_folder()
    _remove_orphans(folder)
    place = folder / name
    place.mkdir(exist_ok=True)
    place.chmod(0o711)  # whatever the umask made of it
    if belongs_to:
        (place / MARKER).write_text(str(belongs_to), encoding="utf-8")
    return place


def _private_folder() -> Path:
    # Anybody can make a folder in /var/tmp, so one that is not ours alone is refused, never used.
    folder = Path("/var/tmp") / f"treaty-{os.geteuid()}"  # noqa: S108  checked below
    folder.mkdir(mode=0o711, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise EmbeddedPostgresError(
            f"{folder} is not a folder that belongs to us alone. Remove it, or set DATABASE_URL."
        )
    folder.chmod(0o711)
    return folder


def _remove_orphans(folder: Path) -> None:
    for marker in folder.glob(f"*/{MARKER}"):
        original = marker.read_text(encoding="utf-8")
        if original and not Path(original).exists() and not _in_use(marker.parent):
            shutil.rmtree(marker.parent, ignore_errors=True)


def _in_use(place: Path) -> bool:
    if not (place / "users.lock").exists():
        return False
    users = lock_file(place / "users.lock")
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(users)
    return False
