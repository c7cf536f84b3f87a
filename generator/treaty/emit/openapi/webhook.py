"""A webhook as an operation of the document: whoever sends to it has a secret, and no token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treaty.contract.base import Stability
from treaty.emit.openapi.responses import Refused, problem_response
from treaty.pipeline import PIPELINE_ERRORS, PIPELINE_TITLES
from treaty.resolve.model import Webhook

SIGNATURES = {"stripe": "Stripe-Signature"}
_CODES = ("bad_signature", "internal", "malformed", "payload_too_large", "request_timeout", "unavailable")
_RECEIVED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "description": "The event as it is stored."},
        "duplicate": {"type": "boolean", "description": "Whether it was stored before, so that nothing is done now."},
    },
    "required": ["event", "duplicate"],
    "additionalProperties": False,
}


def webhook_object(webhook: Webhook) -> dict[str, Any]:
    """The operation object."""
    header = webhook.header
    described: dict[str, Any] = {
        "operationId": header.key,
        "summary": header.description.splitlines()[0],
        "description": "\n\n".join(_description(webhook)),
        "tags": list(header.tags[-1:]),
        "x-tags": list(header.tags),
        "x-contract-version": header.version,
        "x-stability": header.stability.value,
        "x-owners": list(header.owners),
        "security": [],
        "parameters": [
            {
                "name": SIGNATURES[webhook.provider],
                "in": "header",
                "required": True,
                "description": "When the body was signed, and with what: by an active secret, for the very bytes.",
                "schema": {"type": "string", "minLength": 1},
            }
        ],
        "requestBody": {
            "required": True,
            "description": f"An event of {webhook.provider}, as it is signed.",
            "content": {"application/json": {"schema": {}}},
        },
        "responses": _responses(),
    }
    if header.stability is Stability.DEPRECATED:
        described["deprecated"] = True
    return described


def _description(webhook: Webhook) -> Iterator[str]:
    if len(webhook.header.description.splitlines()) > 1:
        yield webhook.header.description
    if webhook.goal:
        yield f"Goal: {webhook.goal}"
    if webhook.context:
        yield f"Context: {webhook.context}"
    yield (
        f"Called by {webhook.provider}, whose signature may be {webhook.tolerance_seconds} seconds old. What is signed "
        "is stored and answered, whatever it is, and worked on later; an event that comes again is not."
    )
    events = sorted({event for handling in webhook.handles for event in handling.events})
    yield "Handled events:\n" + "\n".join(f"- `{event}`" for event in events)


def _responses() -> dict[str, Any]:
    by_status: dict[int, list[Refused]] = {}
    for code in _CODES:
        refused = Refused(code, PIPELINE_ERRORS[code], PIPELINE_TITLES[code])
        by_status.setdefault(refused.status, []).append(refused)
    stored = {
        "description": "It is stored.",
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
        "content": {"application/json": {"schema": _RECEIVED}},
    }
    refusals = {str(status): problem_response(status, tuple(found)) for status, found in by_status.items()}
    return dict(sorted({"200": stored, **refusals}.items()))
