"""`treaty events`: look after events that have not been taken."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from treaty_runtime.commands import opening
from treaty_runtime.commands.jobs import moment

if TYPE_CHECKING:
    from treaty_runtime.undelivered import UndeliveredEvent

__all__ = ["discard", "replay", "show_all"]

EventId = Annotated[UUID, typer.Argument(help="The event's id, as `treaty events list` shows it.", show_default=False)]


def show_all(
    *,
    given_up: Annotated[bool, typer.Option("--given-up", help="Only those that are not sent any more.")] = False,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most, the oldest first.")] = 50,
) -> None:
    """Show the events that the receiver has not taken yet, or would not take in the end."""
    for event in asyncio.run(_list(given_up=given_up, most=most)):
        typer.echo(_line(event))


def replay(
    event_id: Annotated[UUID | None, typer.Argument(help="Which one.", show_default=False)] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Have events that were given up sent again. Jobs that follow them are not done again."""
    if (event_id is None) != every:
        raise typer.BadParameter("Say the id of an event, or --all.")
    typer.echo(f"Sent again: {asyncio.run(_replay(event_id))}")


def discard(event_id: EventId) -> None:
    """Forget an event that was given up."""
    asyncio.run(_discard(event_id))
    typer.echo(f"Discarded: {event_id}")


def _line(event: UndeliveredEvent) -> str:
    tenant = f" tenant {event.tenant}" if event.tenant else ""
    due = f", again at {moment(event.next_attempt_at)}" if event.next_attempt_at else ""
    said = f" {event.attempts} attempts: {event.error}{due}" if event.error else ""
    return f"{event.id} {event.state:<8} {moment(event.occurred_at)} {event.type}{tenant}{said}"


async def _list(*, given_up: bool, most: int) -> list[UndeliveredEvent]:
    from treaty_runtime.undelivered import undelivered

    async with opening.opened_service() as service:
        return await undelivered(service, given_up=given_up, most=most)


async def _replay(event_id: UUID | None) -> int:
    from treaty_runtime import undelivered

    async with opening.opened_service() as service:
        if event_id is None:
            return await undelivered.replay_all(service)
        await undelivered.replay(service, event_id)
        return 1


async def _discard(event_id: UUID) -> None:
    from treaty_runtime import undelivered

    async with opening.opened_service() as service:
        await undelivered.discard(service, event_id)
