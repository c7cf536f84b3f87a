"""Answers kept by Idempotency-Key for a day: the same request again gets the same answer, and does nothing."""

from __future__ import annotations

import hashlib

from stripe_simulator.context import Context
from stripe_simulator.errors import IdempotencyMisused

__all__ = ["fingerprint", "forget", "keep", "replayed"]

KEPT = 24 * 60 * 60  # seconds


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What tells requests apart."""
    return f"{method} {path} {hashlib.sha256(body).hexdigest()}"


def replayed(context: Context, key: str, request: str) -> tuple[int, str] | None:
    """Status and body that the key was answered with. Raises `IdempotencyMisused` when it came with something else."""
    found = context.store.rows(
        "SELECT request, status, body FROM idempotency WHERE key = ? AND created > ?", key, context.now - KEPT
    )
    if not found:
        return None
    before, status, body = found[0]
    if before != request:
        raise IdempotencyMisused(
            "Keys for idempotent requests can only be used with the same parameters they were first used with."
            f" Try using a key other than '{key}' if you meant to execute a different request."
        )
    return status, body


def keep(context: Context, key: str, request: str, status: int, body: str) -> None:
    """Keep what was answered."""
    context.store.execute(
        "INSERT OR REPLACE INTO idempotency (key, request, created, status, body) VALUES (?, ?, ?, ?, ?)",
        *(key, request, context.now, status, body),
    )


def forget(context: Context) -> None:
    """Drop what nobody will ask for again."""
    context.store.execute("DELETE FROM idempotency WHERE created <= ?", context.now - KEPT)
