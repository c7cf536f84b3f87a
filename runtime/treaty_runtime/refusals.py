"""How a request is refused: one exception hierarchy, mapped to problem documents in `problems`.

    Refusal                     anything the caller did that is not allowed now; `code` is stable
        (generated classes)     the errors that a contract declares
        the pipeline's own      `unauthenticated`, `forbidden`, ... below
"""

from __future__ import annotations

from typing import ClassVar

__all__ = ["Refusal"]


class Refusal(Exception):
    """A declared error: the transaction rolls back and the caller gets a problem document.

    `detail` may say more than the contract's sentence; it is shown to the caller, so it holds no secrets.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __init__(self, detail: str | None = None, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.headers = headers or {}
