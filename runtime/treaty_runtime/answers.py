"""What a call is answered with: the same bytes now and when it is replayed, without what the caller may not read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Self

from litestar import Response

from treaty_runtime.sensitive import without

__all__ = ["Answer"]


# Answers belong to one tenant: nobody keeps them, unless a contract says otherwise.
NOT_KEPT: Mapping[str, str] = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; `replayed` says that it was stored by an earlier call with the same idempotency key.

    `headers` say who may keep it.
    """

    status: int
    body: bytes
    replayed: bool = False
    headers: Mapping[str, str] = field(default_factory=lambda: NOT_KEPT)

    @property
    def outcome(self) -> str:
        """How the call ended, for the audit."""
        if self.status == HTTPStatus.NOT_MODIFIED:
            return "not_modified"
        return "replayed" if self.replayed else "success"

    def readable_by(self, roles: frozenset[str], read_roles: Mapping[str, frozenset[str]]) -> Self:
        """The answer as a caller with `roles` may read it. It is stored whole: another caller may replay it."""
        hidden = [path for path, readers in read_roles.items() if not readers & roles]
        if not hidden or not self.body:
            return self
        left = without(json.loads(self.body), hidden)
        return replace(self, body=json.dumps(left, ensure_ascii=False, separators=(",", ":")).encode())

    def response(self) -> Response[bytes]:
        """The answer as HTTP."""
        headers = {**self.headers, **({"Idempotency-Replayed": "true"} if self.replayed else {})}
        media_type = "application/json" if self.body else ""
        return Response(self.body, status_code=self.status, media_type=media_type, headers=headers)
