"""The body of a request, read as far as it may be and no further."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request

from treaty_runtime.refusals import Malformed, PayloadTooLarge, RequestTimeout, UnsupportedMediaType

__all__ = ["TOO_SLOW", "read_body", "read_json_body"]

TOO_SLOW = "treaty.too_slow"  # whoever reads from the network says so in the request's state
JSON_TYPE = re.compile(r"application/json\s*(;\s*charset=\"?utf-8\"?\s*)?", re.IGNORECASE)


async def read_json_body(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The JSON text that came.

    Raises `UnsupportedMediaType` for another type, `PayloadTooLarge` beyond `limit` bytes (whether announced or not),
    `RequestTimeout` for one that takes too long to come, and `Malformed` for none at all.
    """
    if not JSON_TYPE.fullmatch(request.headers.get("content-type", "").strip()):
        raise UnsupportedMediaType()
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType()
    text = await read_body(request, limit)
    if not text.strip():
        raise Malformed("A JSON body is needed.")
    return text


async def read_body(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The bytes that came, whatever they are. Raises `PayloadTooLarge`, `RequestTimeout` and `Malformed`."""
    announced = request.headers.get("content-length", "0")
    too_large = PayloadTooLarge(f"The body is longer than {limit} bytes.")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise too_large
    text = bytearray()
    while True:
        event = await request.receive()
        if request.scope["state"].get(TOO_SLOW):
            raise RequestTimeout("The body did not arrive in time.")
        if event["type"] != "http.request":
            raise Malformed("The connection ended in the middle of the body.")
        text += event["body"]
        if len(text) > limit:
            raise too_large
        if not event.get("more_body", False):
            return bytes(text)
