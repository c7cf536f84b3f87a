"""How a request is refused: one exception hierarchy, mapped to problem documents in `problems`.

- `Refusal`: anything the caller did that is not allowed now; `code` is stable.
    - the errors that a contract declares (generated classes)
    - the pipeline's own, below: `Malformed`, `Invalid`, `Unauthenticated`, `Forbidden`, `NotFound`, ...
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

__all__ = [
    "PIPELINE",
    "BadSignature",
    "EntitlementRequired",
    "FieldError",
    "Forbidden",
    "HeadTooLarge",
    "IdempotencyConflict",
    "Internal",
    "Invalid",
    "Malformed",
    "MethodNotAllowed",
    "NotFound",
    "PayloadTooLarge",
    "RateLimited",
    "Refusal",
    "RequestTimeout",
    "Stale",
    "TenantRequired",
    "TooManyFailedAttempts",
    "Unauthenticated",
    "Unavailable",
    "UnsupportedMediaType",
]


class Refusal(Exception):
    """A declared error: the transaction rolls back and the caller gets a problem document.

    `detail` may say more than the contract's sentence; it is shown to the caller, so it holds no secrets.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(self, detail: str | None = None, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.headers = dict(headers or {})


class Malformed(Refusal):
    """The request is not what HTTP or JSON call well-formed."""

    code = "malformed"
    status = 400
    title = "The request cannot be read."


class BadSignature(Refusal):
    """A webhook's request is not signed by its sender, or not now. `reason`: missing, wrong, old or future."""

    code = "bad_signature"
    status = 400
    title = "The signature is missing, wrong, or not of now."

    def __init__(self, detail: str, *, reason: Literal["missing", "wrong", "old", "future"]) -> None:
        super().__init__(detail)
        self.reason = reason


class TenantRequired(Refusal):
    """The caller belongs to several tenants and has not said which one is meant."""

    code = "tenant_required"
    status = 400
    title = "The header Treaty-Tenant is needed: you belong to more than one organization."


class Unauthenticated(Refusal):
    """No credentials, or none that hold. `guessed` says that they look made up: such attempts are limited."""

    code = "unauthenticated"
    status = 401
    title = "A valid access token or API key is needed."

    def __init__(self, detail: str | None = None, *, guessed: bool = False) -> None:
        challenge = 'Bearer error="invalid_token"' if detail else "Bearer"
        super().__init__(detail, headers={"WWW-Authenticate": challenge})
        self.guessed = guessed


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    code = "forbidden"
    status = 403
    title = "You may not do this."


class EntitlementRequired(Refusal):
    """The organization is not entitled to a feature that is paid for. `upgrade_url` says where it can be."""

    code = "entitlement_required"
    status = 403
    title = "Your plan does not include this."

    def __init__(self, feature: str, upgrade_url: str | None = None) -> None:
        super().__init__(f"Your plan does not include {feature}.")
        self.upgrade_url = upgrade_url


class NotFound(Refusal):
    """There is nothing here that the caller may see: no such path, no such row, or another tenant's."""

    code = "not_found"
    status = 404
    title = "There is nothing here."


class MethodNotAllowed(Refusal):
    """The path exists, this method of it does not."""

    code = "method_not_allowed"
    status = 405
    title = "This path does not answer that method."


class RequestTimeout(Refusal):
    """The caller takes too long to send its request."""

    code = "request_timeout"
    status = 408
    title = "The request did not arrive in time."


class IdempotencyConflict(Refusal):
    """The idempotency key was used before, with another request."""

    code = "idempotency_conflict"
    status = 409
    title = "This idempotency key was used before, with another request."


class Stale(Refusal):
    """The row is not what the caller, or the implementation, saw: another request changed it first."""

    code = "stale"
    status = 409
    title = "It was changed meanwhile. Read it again, and decide anew."


class PayloadTooLarge(Refusal):
    """The body is longer than the service reads."""

    code = "payload_too_large"
    status = 413
    title = "The body is too long."


class UnsupportedMediaType(Refusal):
    """The body is not JSON."""

    code = "unsupported_media_type"
    status = 415
    title = "The body must be application/json, in UTF-8, without compression."


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, as a path of wire names (`items.0.name`). Never holds the value."""

    field: str
    message: str


class Invalid(Refusal):
    """The request breaks the operation's schema."""

    code = "invalid"
    status = 422
    title = "The request does not fit the schema."

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__()
        self.errors = tuple(errors)


class HeadTooLarge(Refusal):
    """The request line and the headers are longer than the service reads."""

    code = "head_too_large"
    status = 431
    title = "The request line and the headers are too long."


class RateLimited(Refusal):
    """The budget of requests is used up."""

    code = "rate_limited"
    status = 429
    title = "Too many requests."

    def __init__(self, *, wait: timedelta) -> None:
        super().__init__(headers=_retry_after(wait))


class TooManyFailedAttempts(Refusal):
    """Too many wrong credentials came from this address."""

    code = "too_many_failed_attempts"
    status = 429
    title = "Too many attempts with wrong credentials came from your address."

    def __init__(self, *, wait: timedelta) -> None:
        super().__init__(headers=_retry_after(wait))


class Internal(Refusal):
    """The service broke its own contract; the log says how."""

    code = "internal"
    status = 500
    title = "The service failed. The log has the details under the request id."


class Unavailable(Refusal):
    """The database cannot be reached now."""

    code = "unavailable"
    status = 503
    title = "The service cannot reach its database. Try again."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers=_retry_after(timedelta(seconds=1)))


PIPELINE: tuple[type[Refusal], ...] = (
    Malformed,
    BadSignature,
    TenantRequired,
    Unauthenticated,
    Forbidden,
    EntitlementRequired,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    IdempotencyConflict,
    Stale,
    PayloadTooLarge,
    UnsupportedMediaType,
    Invalid,
    RateLimited,
    TooManyFailedAttempts,
    HeadTooLarge,
    Internal,
    Unavailable,
)
"""The pipeline's own codes: contracts do not declare them."""


def _retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))}
