"""Lists as v2 answers them: with the addresses of the next and the previous page."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from pydantic import Field

from stripe_simulator.parameters import Closed
from stripe_simulator.storage import Document

__all__ = ["V2List", "page_of"]


class V2List(Closed):
    """Which part of a list is asked for; `page` counts what was answered before."""

    limit: int = Field(default=20, ge=1, le=100)
    page: int = Field(default=0, ge=0)


def page_of(documents: Iterable[Document], asked: V2List, url: str) -> dict[str, Any]:
    """A page and where the others are."""
    found = list(islice(documents, asked.page, asked.page + asked.limit + 1))
    more = len(found) > asked.limit
    return {
        "data": found[: asked.limit],
        "next_page_url": _address(url, asked, asked.page + asked.limit) if more else None,
        "previous_page_url": _address(url, asked, max(0, asked.page - asked.limit)) if asked.page else None,
    }


def _address(url: str, asked: V2List, page: int) -> str:
    return f"{url}?limit={asked.limit}&page={page}"
