"""Secrets for a developer's machine: random, made once, readable by nobody else."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from treaty_runtime.errors import SettingsError

__all__ = ["development_secret"]

LENGTH = 64


def development_secret(path: Path) -> str:
    """The secret kept in `path`, made on the first call. Raises `SettingsError` when it cannot be kept."""
    try:
        if not path.exists():
            _create(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"The secret that signs access tokens cannot be kept in {path}: {error}. "
            "Make the folder writable, name another in TREATY_DATA_DIR, or set TREATY_JWT_SECRET."
        ) from error
    if len(secret) < LENGTH:
        raise SettingsError(f"The secret in {path} is incomplete. Delete the file, and a new one is made.")
    return secret


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(LENGTH // 2))
    try:
        os.link(draft, path)  # atomic, and fails when another process was faster: then its secret holds
    except FileExistsError:
        pass
    finally:
        draft.unlink()
