"""The service of the project that a command was given in, for commands that need no web server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treaty_runtime.service import Service

__all__ = ["opened_service"]


@asynccontextmanager
async def opened_service() -> AsyncIterator[Service]:
    """The service with its database, as long as the block runs."""
    from treaty_runtime.composition import load
    from treaty_runtime.project import Project
    from treaty_runtime.service import open_service

    async with open_service(load(Project.find()).definition) as service:
        yield service
