"""`treaty webhooks`: look after what other services told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from treaty_runtime.commands import opening
from treaty_runtime.commands.jobs import moment

if TYPE_CHECKING:
    from treaty_runtime.webhooks.inspection import Delivery, Shown

__all__ = ["replay", "show", "show_all"]


class DeliveryState(StrEnum):
    """What may have become of an event."""

    RECEIVED = "received"
    ROUTED = "routed"
    IGNORED = "ignored"
    UNMATCHED = "unmatched"
    UNREADABLE = "unreadable"
    FAILED = "failed"


_STATES: dict[DeliveryState, Shown] = {
    DeliveryState.RECEIVED: "received",
    DeliveryState.ROUTED: "routed",
    DeliveryState.IGNORED: "ignored",
    DeliveryState.UNMATCHED: "unmatched",
    DeliveryState.UNREADABLE: "unreadable",
    DeliveryState.FAILED: "failed",
}

EventId = Annotated[
    str, typer.Argument(help="The sender's id, as `treaty webhooks list` shows it.", show_default=False)
]
Webhook = Annotated[
    str | None, typer.Option("--webhook", help="The contract, by its key.", metavar="KEY", show_default=False)
]
States = Annotated[
    list[DeliveryState] | None,
    typer.Option("--state", help="Only those. May be repeated; all when left out.", show_default=False),
]
Most = Annotated[int, typer.Option(min=1, max=10_000, help="How many at most, the newest first.")]


def show_all(*, state: States = None, webhook: Webhook = None, most: Most = 50) -> None:
    """Show what came, and what became of it."""
    for delivery in asyncio.run(_list(webhook, _said(state), most)):
        typer.echo(_line(delivery))


def show(
    event_id: EventId,
    *,
    webhook: Webhook = None,
    body: Annotated[bool, typer.Option("--body", help="Only the body, byte by byte as it came.")] = False,
) -> None:
    """Show one event and what became of it. Its body may tell about people: it is shown when that is asked for."""
    if body:
        typer.echo(asyncio.run(_body(event_id, webhook)), nl=False)
    else:
        typer.echo("\n".join(_lines(asyncio.run(_one(event_id, webhook)))))


def replay(
    event_id: Annotated[str | None, typer.Argument(help="Which one.", show_default=False)] = None,
    *,
    state: States = None,
    webhook: Webhook = None,
    most: Most = 1000,
) -> None:
    """Have events worked on once more: one by its id, or all in some states, such as `--state unmatched`."""
    if (event_id is None) == (not state):
        raise typer.BadParameter("Say the id of an event, or --state.")
    for delivery in asyncio.run(_replay(event_id, webhook, _said(state), most)):
        typer.echo(f"Waits again: {delivery.event_id} {delivery.type or ''}".rstrip())


def _said(states: Sequence[DeliveryState] | None) -> list[Shown]:
    return [_STATES[state] for state in states or ()]


def _line(delivery: Delivery) -> str:
    said = f": {delivery.said}" if delivery.said else ""
    return f"{delivery.event_id} {delivery.state:<10} {moment(delivery.received_at)} {delivery.type or '-'}{said}"


def _lines(delivery: Delivery) -> list[str]:
    facts = {
        "event": delivery.event_id,
        "webhook": delivery.webhook,
        "type": delivery.type,
        "version": delivery.api_version,
        "state": delivery.state,
        "said": delivery.said,
        "happened": moment(delivery.occurred_at),
        "received": moment(delivery.received_at),
        "settled": moment(delivery.settled_at),
        "jobs": " ".join(map(str, delivery.jobs)),
        "request": delivery.request_id,
        "body": f"{delivery.size} bytes",
    }
    return [f"{name:<9} {value}" for name, value in facts.items() if value]


async def _list(webhook: str | None, states: list[Shown], most: int) -> list[Delivery]:
    from treaty_runtime.webhooks.inspection import deliveries

    async with opening.opened_service() as service:
        return await deliveries(service, webhook, states, most)


async def _one(event_id: str, webhook: str | None) -> Delivery:
    from treaty_runtime.webhooks.inspection import one_delivery

    async with opening.opened_service() as service:
        return await one_delivery(service, event_id, webhook)


async def _body(event_id: str, webhook: str | None) -> bytes:
    from treaty_runtime.webhooks.inspection import body_of

    async with opening.opened_service() as service:
        return await body_of(service, event_id, webhook)


async def _replay(event_id: str | None, webhook: str | None, states: list[Shown], most: int) -> list[Delivery]:
    from treaty_runtime.webhooks import inspection

    async with opening.opened_service() as service:
        if event_id is None:
            return await inspection.replay_all(service, webhook, states, most)
        return [await inspection.replay(service, event_id, webhook)]
