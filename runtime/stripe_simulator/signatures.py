"""The header Stripe-Signature, as it is made for the bodies that are delivered."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

__all__ = ["signature"]


def signature(body: bytes, secrets: Iterable[str], timestamp: int) -> str:
    """`t=…,v1=…` with a signature for each secret that is active: during a rotation there are several."""
    signed = f"{timestamp}.".encode() + body
    signatures = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={timestamp}", *(f"v1={each}" for each in signatures)])
