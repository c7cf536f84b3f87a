"""The folder that the embedded server lives in, and what to say when it cannot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from treaty_runtime.embedded.account import Account
from treaty_runtime.embedded.private import private_folder
from treaty_runtime.errors import EmbeddedPostgresError

__all__ = ["explained", "home_for"]


def home_for(folder: Path, account: Account) -> Path:
    """Make `folder` and answer it, or a private one under /var/tmp when PostgreSQL's user cannot get into `folder`."""
    folder = folder.expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if account.ids is None or account.can_enter(folder):
        return folder
    elsewhere = private_folder() / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    elsewhere.mkdir(mode=0o711, exist_ok=True)
    elsewhere.chmod(0o711)
    return elsewhere


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what the system says into a sentence with what to do."""
    try:
        yield
    except (OSError, psycopg.Error) as error:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL cannot use the folder {folder}: {str(error).strip()}. "
            "Make it writable and give it space, name another in TREATY_DATA_DIR, or set DATABASE_URL."
        ) from error
