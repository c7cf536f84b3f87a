"""The service of this project, opened for a command that looks at its database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treaty_runtime.service import Service

__all__ = ["opened"]


@asynccontextmanager
async def opened() -> AsyncIterator[Service]:
    """Open it while the block runs. Raises `OperatorError` when it cannot run like this."""
    from treaty_runtime.composition import load
    from treaty_runtime.project import Project
    from treaty_runtime.service import open_service

    async with open_service(load(Project.find()).definition) as service:
        yield service
