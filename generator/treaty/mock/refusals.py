"""How the mock says no: the problem documents that the service itself would answer with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from treaty.pipeline import PIPELINE_ERRORS, PIPELINE_TITLES
from treaty.resolve.model import Error

# What callers may rely on beside the document.
_HEADERS: Mapping[str, Mapping[str, str]] = {
    "unauthenticated": {"WWW-Authenticate": "Bearer"},
    "rate_limited": {"Retry-After": "1"},
    "too_many_failed_attempts": {"Retry-After": "1"},
    "unavailable": {"Retry-After": "1"},
}


class Refused(Exception):
    """A request that is refused; `errors` are pairs of field and message."""

    def __init__(
        self,
        code: str,
        status: int,
        title: str,
        detail: str | None = None,
        *,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or title)
        self.code = code
        self.status = status
        self.title = title
        self.detail = detail or title
        self.errors = tuple(errors)
        self.headers = {**_HEADERS.get(code, {}), **(headers or {})}

    def document(self, request_id: str) -> dict[str, Any]:
        """The problem document (RFC 9457)."""
        document: dict[str, Any] = {
            "type": f"urn:treaty:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "requestId": request_id,
        }
        if self.status == PIPELINE_ERRORS["invalid"]:
            document["errors"] = [{"field": field, "message": message} for field, message in self.errors]
        return document


def refusal(code: str, detail: str | None = None, **more: Any) -> Refused:
    """One of the pipeline's own refusals."""
    return Refused(code, PIPELINE_ERRORS[code], PIPELINE_TITLES[code], detail, **more)


def declared(error: Error) -> Refused:
    """A refusal that a contract declares."""
    return Refused(error.code, error.status, error.when)
