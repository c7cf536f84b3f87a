"""The folder that a simulator's state is in: one at a time has it, and others find out where that one answers."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

__all__ = ["Folder", "FolderTaken", "address_in"]


class FolderTaken(Exception):
    """Another simulator runs on the same state."""


class Folder:
    """The folder, taken until the process ends. Raises `FolderTaken` when another one has it."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = _locked(path)
        if self._lock is None:
            where = address_in(path)
            raise FolderTaken(f"Another simulator runs in {path}{f', at {where}' if where else ''}.")
        (path / "address").unlink(missing_ok=True)

    @property
    def database(self) -> Path:
        """Where the state is kept."""
        return self.path / "stripe.sqlite"

    def tell(self, address: str) -> None:
        """Say where the simulator answers now."""
        draft = self.path / "address.new"
        draft.write_text(address, encoding="ascii")
        draft.replace(self.path / "address")


def _locked(path: Path) -> IO[str] | None:
    file = (path / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def address_in(path: Path) -> str | None:
    """Where the simulator of a folder answers, if one runs."""
    if not (path / "lock").exists():
        return None
    lock = _locked(path)
    if lock is not None:
        lock.close()
        return None
    try:
        return (path / "address").read_text(encoding="ascii")
    except FileNotFoundError:
        return None  # it is just starting
