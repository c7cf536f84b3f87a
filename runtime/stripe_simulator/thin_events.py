"""Thin events as v2 answers them: whole when fetched, `/v2/core/events`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from stripe_simulator.context import Context
from stripe_simulator.parameters import Closed, Nothing, Series
from stripe_simulator.routing import Endpoints
from stripe_simulator.storage import Document
from stripe_simulator.v2_lists import V2List, page_of

__all__ = ["endpoints", "notification"]

endpoints = Endpoints()


def notification(event: Document) -> Document:
    """What is delivered of a thin event: no data, no changes."""
    return {name: value for name, value in event.items() if name not in ("data", "changes")}


class CreatedRange(Closed):
    """From when to when, as v2 writes times."""

    gt: str | None = None
    gte: str | None = None
    lt: str | None = None
    lte: str | None = None

    def takes(self, created: str) -> bool:
        """Whether a time is within; they all have the same form, so their texts compare as the times do."""
        lower = (self.gt is None or created > self.gt) and (self.gte is None or created >= self.gte)
        upper = (self.lt is None or created < self.lt) and (self.lte is None or created <= self.lte)
        return lower and upper


class EventList(V2List):
    """Which thin events to list."""

    created: CreatedRange | None = None
    object_id: str | None = None
    types: Series[str] = Field(default_factory=list)


@endpoints.get("/v2/core/events/{id}")
def retrieve(context: Context, parameters: Nothing, identifier: str) -> Document:
    """An event with its data."""
    return context.store.get("v2.core.event", identifier)


@endpoints.get("/v2/core/events")
def events(context: Context, parameters: EventList) -> dict[str, Any]:
    """Events, newest first."""
    found = (
        event
        for event in context.store.all("v2.core.event", parent=parameters.object_id, newest_first=True)
        if (not parameters.types or event["type"] in parameters.types)
        and (parameters.created is None or parameters.created.takes(event["created"]))
    )
    return page_of(found, parameters, "/v2/core/events")
