"""Entity tags (RFC 9110, 8.8.3): names of answers, by which whoever keeps one asks whether it still holds."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from litestar import Request

__all__ = ["entity_tag", "has_already"]

LENGTH = 32  # hexadecimal digits: 128 bits
TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
LIST = re.compile(rf"(?:[ \t,]|{TAG.pattern}(?=[ \t]*(?:,|$)))*")  # every character is read twice at most


def entity_tag(*parts: bytes) -> str:
    """A strong tag: the same for the same parts in the same order, and for no others."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return f'"{digest.hexdigest()[:LENGTH]}"'


def has_already(request: Request[Any, Any, Any], tag: str) -> bool:
    """Whether `If-None-Match` names `tag`: alone, in a list, weakly, or as `*`. What is no list names nothing."""
    said = ", ".join(request.headers.getall("If-None-Match", [])).strip()
    return said == "*" or (LIST.fullmatch(said) is not None and tag in TAG.findall(said))
