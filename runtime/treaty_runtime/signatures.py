"""Signatures of what is sent, as Standard Webhooks 1.0 has them: HMAC-SHA256 of id, time and body.

The headers are `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`, one `v1,…` for each secret. A
receiver checks one of them, that the time is near, and that it has not seen the id.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from datetime import datetime

__all__ = ["signed"]

PREFIX = "whsec_"  # then the key follows as base64; without it, the text itself is the key


def signed(message_id: str, at: datetime, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """The headers that prove who sent a body, and when."""
    timestamp = str(int(at.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    marks = [base64.b64encode(hmac.digest(_key(secret), content, "sha256")).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        return secret.encode()
