"""What a caller may keep of an answer, and for how long; who has it already is told so instead (RFC 9110, RFC 9111)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from treaty_runtime.answers import Answer
from treaty_runtime.calls import Call
from treaty_runtime.entity_tags import entity_tag, has_already
from treaty_runtime.operations import Operation

__all__ = ["fit_to_callers"]

# An answer belongs to whoever asked, in the organization that was asked about.
ASKED_BY = ("Authorization", "Treaty-Tenant")


def fit_to_callers(calls: Iterable[Call]) -> None:
    """Make of every answer what its caller may read, and may keep where the contract says so.

    A caller whose `If-None-Match` names that very answer gets 304, and no body.
    """
    for call in calls:
        if call.answer:
            readable = call.answer.readable_by(call.principal.roles, call.operation.read_roles)
            call.answer = _to_be_kept(call, readable, call.operation.cache) if call.operation.cache else readable


def _to_be_kept(call: Call, answer: Answer, how_long: timedelta) -> Answer:
    tag = _tag(call, answer)
    headers = {
        "ETag": tag,
        "Cache-Control": f"private, max-age={int(how_long.total_seconds())}",
        "Vary": ", ".join((*ASKED_BY, *_asked_in_headers(call.operation))),
    }
    if has_already(call.request, tag):
        return replace(answer, status=HTTPStatus.NOT_MODIFIED, body=b"", headers=headers)
    return replace(answer, headers=headers)


def _tag(call: Call, answer: Answer) -> str:
    """What the caller gets, and what it means: the same bytes of another version or organization are another answer."""
    meaning = f"{call.operation.key} {call.operation.version} {call.tenant_id}"
    return entity_tag(meaning.encode(), answer.body)


def _asked_in_headers(operation: Operation[Any, Any]) -> tuple[str, ...]:
    return tuple(parameter.name for parameter in operation.parameters if parameter.place == "header")
