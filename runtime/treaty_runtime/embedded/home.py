"""The folder that the embedded server lives in, and what to say when it cannot."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from treaty_runtime.embedded.account import Account
from treaty_runtime.embedded.private import private_place
from treaty_runtime.errors import EmbeddedPostgresError

__all__ = ["explained", "home_for"]


def home_for(folder: Path, account: Account, *, durable: bool) -> Path:
    """Make `folder` and answer it, or a private one under /var/tmp when PostgreSQL's user cannot get into `folder`.

    Then `folder/data` is a link to where the data is, which stays right when the project is moved.
    """
    folder = folder.expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "data"
    if link.is_symlink() and not link.readlink().parent.is_dir():
        link.unlink()  # /var/tmp was cleaned
    if not link.is_symlink():
        if account.ids is None or account.can_enter(folder):
            return folder
        passing = not durable or folder.is_relative_to(tempfile.gettempdir())
        elsewhere = private_place(f"data-{secrets.token_hex(8)}", belongs_to=folder if passing else None)
        with suppress(FileExistsError):  # another process was faster: its place holds
            link.symlink_to(elsewhere / "data")
    return link.readlink().parent


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what the system says into a sentence with what to do."""
    try:
        yield
    except (OSError, psycopg.Error) as error:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL cannot use the folder {folder}: {_words(error)}. "
            "Make it writable and give it space, name another in TREATY_DATA_DIR, or set DATABASE_URL."
        ) from error


def _words(error: OSError | psycopg.Error) -> str:
    """What the system says, without numbers; the file it speaks of if that is another one."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename})" if error.filename else error.strerror
    return " ".join(str(error).split())
