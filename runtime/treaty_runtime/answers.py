"""What a call is answered with: the same bytes now and when it is replayed."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import Response

__all__ = ["Answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; `replayed` says that it was stored by an earlier call with the same idempotency key."""

    status: int
    body: bytes
    replayed: bool = False

    def response(self) -> Response[bytes]:
        """The answer as HTTP. Answers belong to one tenant: nobody on the way may keep them."""
        headers = {"Cache-Control": "no-store"}
        if self.replayed:
            headers["Idempotency-Replayed"] = "true"
        media_type = "application/json" if self.body else ""
        return Response(self.body, status_code=self.status, media_type=media_type, headers=headers)
