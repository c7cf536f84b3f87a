"""`treaty token`: an access token for trying things out on one's own machine."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

__all__ = ["token"]


def token(
    person: Annotated[str, typer.Option(help="Whose token it is: the `sub` of the token.", show_default=False)],
    tenant: Annotated[UUID | None, typer.Option(help="The only tenant it is for.", show_default=False)] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="A role, where no entity lists members. May be repeated.")
    ] = None,
    hours: Annotated[int, typer.Option(min=1, help="How long it holds.")] = 12,
) -> None:
    """Print an access token, signed with the development secret. Elsewhere, tokens come from who signs people in."""
    from treaty_runtime.clock import SystemClock
    from treaty_runtime.credentials import issue_token
    from treaty_runtime.errors import SettingsError
    from treaty_runtime.settings import Settings

    settings = Settings.load()
    if not settings.embedded:
        raise SettingsError(
            "DATABASE_URL is set, so this is no development machine: let whoever signs people in make their tokens, "
            "with the secret in TREATY_JWT_SECRET."
        )
    now, valid_for = SystemClock().now(), timedelta(hours=hours)
    typer.echo(issue_token(settings, person, now=now, valid_for=valid_for, tenant=tenant, roles=role or ()))
