"""What a caller may keep of an answer, as the service says it; who has it already is told so instead."""

from __future__ import annotations

import hashlib
import re

from treaty.emit.openapi.operation import TENANT_HEADER
from treaty.mock.reading import Received
from treaty.resolve.model import Operation

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def cache_headers(operation: Operation, body: bytes) -> dict[str, str]:
    """`ETag`, `Cache-Control` and `Vary` of an answer; what nobody may keep has `no-store`."""
    if operation.policy.cache_seconds is None:
        return {"Cache-Control": "no-store"}
    asked_in_headers = (item.wire_name for item in operation.parameters if item.place == "header")
    return {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Cache-Control": f"private, max-age={operation.policy.cache_seconds}",
        "Vary": ", ".join(("Authorization", TENANT_HEADER, *asked_in_headers)),
    }


def has_already(received: Received, tag: str | None) -> bool:
    """Whether `If-None-Match` names the answer with this tag."""
    said = ", ".join(received.headers.get_all("If-None-Match", [])).strip()
    return tag is not None and (said == "*" or tag in _TAG.findall(said))
