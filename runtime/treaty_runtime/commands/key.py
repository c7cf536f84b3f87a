"""`treaty key`: give out and revoke API keys."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from treaty_runtime.commands import opening

__all__ = ["create", "revoke"]


def create(
    tenant: Annotated[UUID, typer.Option(help="Whose key it is.", show_default=False)],
    name: Annotated[str, typer.Option(help="What it is for, to know it by later.", show_default=False)],
    role: Annotated[list[str] | None, typer.Option(help="A role that it has. May be repeated.")] = None,
) -> None:
    """Make a key for a service, and print it. It is not kept: this is the only time to copy it."""
    typer.echo(asyncio.run(_create(tenant, name, role or [])))


def revoke(
    prefix: Annotated[str, typer.Argument(help="The part of the key between tk_ and the next _.", show_default=False)],
) -> None:
    """Let a key open nothing any more."""
    typer.echo(f"Revoked: {asyncio.run(_revoke(prefix))}")


async def _create(tenant: UUID, name: str, roles: list[str]) -> str:
    from treaty_runtime.api_keys import create_key

    async with opening.opened() as service:
        return (await create_key(service, tenant, name, roles)).text


async def _revoke(prefix: str) -> str:
    from treaty_runtime.api_keys import revoke_key

    async with opening.opened() as service:
        return await revoke_key(service, prefix)
