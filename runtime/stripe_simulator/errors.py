"""Refusals in Stripe's own shapes: what is raised here becomes the JSON that the SDK makes its exceptions of.

StripeError                 400, invalid_request_error
├── Unauthenticated         401
├── Declined                402, card_error
│   └── Undone
├── Missing                 404, resource_missing
├── Conflict                409, the same request is being worked on
├── IdempotencyMisused      400, idempotency_error
├── SessionExpired          400, temporary_session_expired
├── RateLimited             429
└── Broken                  500, api_error
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "Broken",
    "Conflict",
    "Declined",
    "IdempotencyMisused",
    "Missing",
    "RateLimited",
    "SessionExpired",
    "StripeError",
    "Unauthenticated",
    "Undone",
]


class StripeError(Exception):
    """A request that is refused; what it did is undone, unless the class says otherwise."""

    status: ClassVar[int] = 400
    type: ClassVar[str] = "invalid_request_error"
    keeps: ClassVar[bool] = False  # whether what happened before the refusal stays

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None, **more: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.more = more

    def body(self) -> dict[str, Any]:
        """The answer's body."""
        said = {"code": self.code, "message": self.message, "param": self.param, "type": self.type, **self.more}
        return {"error": {name: value for name, value in said.items() if value is not None}}


class Unauthenticated(StripeError):
    """No API key, or none that counts here."""

    status = 401


class Declined(StripeError):
    """A payment that failed. That it was tried is kept."""

    status = 402
    type = "card_error"
    keeps = True


class Undone(Declined):
    """A payment that failed, and nothing stays of what depended on it."""

    keeps = False


class Missing(StripeError):
    """There is no such object."""

    status = 404

    def __init__(self, kind: str, identifier: str, param: str = "id") -> None:
        super().__init__(f"No such {kind}: '{identifier}'", code="resource_missing", param=param)


class Conflict(StripeError):
    """Another request with the same key has not ended yet."""

    status = 409
    type = "idempotency_error"


class IdempotencyMisused(StripeError):
    """A key that came before, with something else."""

    type = "idempotency_error"


class SessionExpired(StripeError):
    """The token of a meter event session is over."""

    type = "temporary_session_expired"


class RateLimited(StripeError):
    """Too many requests."""

    status = 429


class Broken(StripeError):
    """It is Stripe's fault."""

    status = 500
    type = "api_error"
