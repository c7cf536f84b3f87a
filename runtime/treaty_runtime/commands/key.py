"""`treaty key`: give out, list and revoke API keys."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from treaty_runtime.api_keys import KeptKey

__all__ = ["create", "list_", "revoke"]


def create(
    tenant: Annotated[UUID, typer.Option(help="Whose key it is.", show_default=False)],
    name: Annotated[str, typer.Option(help="What it is for, to know it by later.", show_default=False)],
    role: Annotated[list[str] | None, typer.Option(help="A role that it has. May be repeated.")] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="An operation, or a namespace with all in it, that it is for. May be repeated; none: all."),
    ] = None,
) -> None:
    """Make a key for a service, and print it. It is not kept: this is the only time to copy it."""
    typer.echo(asyncio.run(_create(tenant, name, role or [], scope or [])))


def list_(
    tenant: Annotated[UUID | None, typer.Option(help="Only this tenant's.", show_default=False)] = None,
) -> None:
    """Print what is known of the keys, one JSON object a line: whose, what for, when used last, whether revoked."""
    for key in asyncio.run(_list(tenant)):
        typer.echo(json.dumps(asdict(key), default=str))


def revoke(
    prefix: Annotated[str, typer.Argument(help="The part of the key between tk_ and the next _.", show_default=False)],
) -> None:
    """Let a key open nothing any more."""
    typer.echo(f"Revoked: {asyncio.run(_revoke(prefix))}")


async def _create(tenant: UUID, name: str, roles: list[str], scopes: list[str]) -> str:
    from treaty_runtime.api_keys import create_key
    from treaty_runtime.commands.opening import opened_service

    async with opened_service() as service:
        return (await create_key(service, tenant, name, roles, scopes)).text


async def _list(tenant: UUID | None) -> list[KeptKey]:
    from treaty_runtime.api_keys import list_keys
    from treaty_runtime.commands.opening import opened_service

    async with opened_service() as service:
        return await list_keys(service, tenant)


async def _revoke(prefix: str) -> str:
    from treaty_runtime.api_keys import revoke_key
    from treaty_runtime.commands.opening import opened_service

    async with opened_service() as service:
        return await revoke_key(service, prefix)
