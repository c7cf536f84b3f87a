"""Cursors: where a page ended, in a form that callers can give back and cannot make or change.

A cursor is the place of a page's last item and an HMAC of it, of the operation, the tenant and all else that was asked:
in another question it is refused like one that somebody made up. Nothing is stored, so every replica reads it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

__all__ = ["open_cursor", "seal_cursor"]

# What keys are derived for: a key for one purpose is of no use for another.
PURPOSE = b"treaty: cursors of pages, 1"
SEAL = hashlib.sha256().digest_size


def seal_cursor(secrets: Sequence[str], question: bytes, position: bytes) -> str:
    """The cursor of `position` in the answer to `question`, sealed with the first secret."""
    return base64.urlsafe_b64encode(_seal(secrets[0], question, position) + position).rstrip(b"=").decode()


def open_cursor(secrets: Sequence[str], question: bytes, cursor: str) -> bytes | None:
    """The position in a cursor; `None` when none of the secrets sealed it as an answer to `question`."""
    try:
        text = cursor.encode("ascii")
        data = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    seal, position = data[:SEAL], data[SEAL:]
    known = [hmac.compare_digest(seal, _seal(secret, question, position)) for secret in secrets]
    return position if any(known) else None


def _seal(secret: str, question: bytes, position: bytes) -> bytes:
    key = hmac.digest(secret.encode(), PURPOSE, "sha256")
    # The digest has one length, so nothing can be moved from the question into the position.
    return hmac.digest(key, hashlib.sha256(question).digest() + position, "sha256")
