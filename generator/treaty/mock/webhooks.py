"""What the mock answers to a webhook: that it is stored, as it knows no secret to hold a signature against."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from treaty.emit.openapi.webhook import SIGNATURES
from treaty.mock.reading import Received
from treaty.mock.refusals import refusal
from treaty.mock.routes import allowed
from treaty.resolve.model import Webhook


def received(webhook: Webhook, request: Received) -> dict[str, Any]:
    """The answer. Raises `Refused` for another method, without a signature, and without a body."""
    if request.method != webhook.method:
        raise refusal("method_not_allowed", headers={"Allow": allowed([webhook.method])})
    header = SIGNATURES[webhook.provider]
    if not request.headers.get(header):
        raise refusal("bad_signature", f"The header {header} is missing.")
    if not request.body:
        raise refusal("malformed", "A body is needed.")
    return {"event": _event(request.body), "duplicate": False}


def _event(body: bytes) -> str:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = None
    known = event.get("id") if isinstance(event, dict) else None
    return known if isinstance(known, str) else f"sha256-{hashlib.sha256(body).hexdigest()}"
