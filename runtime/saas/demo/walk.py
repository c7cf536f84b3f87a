"""The walk: what is asked, one request after the other, and what is promised of each answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from saas.demo.screen import Screen

__all__ = ["Walk"]

PATIENCE = 20.0  # seconds for what others have to do first: webhooks, jobs
GLANCE = 0.05  # seconds between two looks

Holds = Callable[[httpx.Response], bool]


class Walk:
    """Takes steps and shows them; `kept` says whether every answer was as promised."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._number = 0
        self.kept = True

    async def ask(
        self,
        client: httpx.AsyncClient,
        title: str,
        request: str,
        status: int,
        promise: str,
        holds: Holds,
        body: dict[str, Any] | None = None,
        *,
        patiently: bool = False,
        meanwhile: Callable[[], Awaitable[None]] | None = None,
        form: bool = False,
    ) -> httpx.Response:
        """Send `request` (`POST /path`). It is promised to answer `status`, and that the answer `holds` (in words:
        `promise`); `patiently` asks again until it does, or for too long, and does something `meanwhile`.
        """
        method, _, address = request.partition(" ")
        self._number += 1
        self._screen.request(self._number, title, method, address, body)
        json, data = (None, body) if form else (body, None)
        until = time.monotonic() + (PATIENCE if patiently else 0)
        while True:
            answer = await client.request(method, address, json=json, data=data)
            as_promised = answer.status_code == status and holds(answer)
            if as_promised or time.monotonic() > until:
                break
            if meanwhile is not None:
                await meanwhile()
            await asyncio.sleep(GLANCE)
        self._screen.answer(answer, promise, as_promised=as_promised)
        self.kept = self.kept and as_promised
        return answer
