"""`treaty flag`: turn what is behind a feature flag on and off, for everybody or for some."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from treaty_runtime.flags import Standing

__all__ = ["list_", "off", "on"]

Name = Annotated[str, typer.Argument(help="The flag, as contracts name it.", show_default=False)]
Tenants = Annotated[
    list[UUID] | None,
    typer.Option("--tenant", help="Only for this tenant, whatever holds for others. May be repeated."),
]


def on(
    flag: Name,
    tenant: Tenants = None,
    percent: Annotated[
        int, typer.Option(min=1, max=100, help="For so many of a hundred tenants; more of them never loses one.")
    ] = 100,
) -> None:
    """Turn a flag on: for everybody, for a share of the tenants, or for single ones."""
    if tenant and percent != 100:
        raise typer.BadParameter("single tenants and a share of all are turned one after the other")
    asyncio.run(_turn(flag, percent, tenant or []))


def off(flag: Name, tenant: Tenants = None) -> None:
    """Turn a flag off: for everybody, single tenants included, or for single ones only."""
    asyncio.run(_turn(flag, 0, tenant or []))


def list_() -> None:
    """Print how the flags of the contracts stand, one JSON object a line."""
    for standing in asyncio.run(_list()):
        typer.echo(json.dumps(asdict(standing), default=str))


async def _turn(flag: str, percent: int, tenants: list[UUID]) -> None:
    from treaty_runtime.commands.opening import opened_service
    from treaty_runtime.flags import turn

    async with opened_service() as service:
        await turn(service, flag, percent=percent, tenants=tuple(tenants))


async def _list() -> list[Standing]:
    from treaty_runtime.commands.opening import opened_service
    from treaty_runtime.flags import list_flags

    async with opened_service() as service:
        return await list_flags(service)
