"""The job behind every event: find out whose it is, and enqueue what the contract has done after it.

All of it or nothing: of an event for which one job can't be enqueued, none is, so that it may be replayed as a whole.
The jobs fetch what they need, so it does not matter which of two events comes first.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from treaty_runtime.jobs.descriptor import SystemTask
from treaty_runtime.jobs.orders import Order, put_one_into_queue
from treaty_runtime.json_text import unstorable
from treaty_runtime.service import Service
from treaty_runtime.validation_messages import field_errors
from treaty_runtime.webhooks.descriptor import Fetch, Handling, Routed, WaitingEvent, Webhook, routing_of
from treaty_runtime.webhooks.inbox import State, settle, stored
from treaty_runtime.webhooks.paths import found_at
from treaty_runtime.webhooks.providers import Notice, Unreadable, provider_of

__all__ = ["routing"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("treaty.webhooks")


class _Setback(Exception):
    """The event can't be worked on as it is. `state` is what it is then."""

    def __init__(self, state: State, said: str) -> None:
        super().__init__(said)
        self.state: State = state
        self.said = said


def routing(webhook: Webhook, fetch: Fetch | None = None) -> SystemTask[WaitingEvent, Routed]:
    """What works on the events of a webhook; `fetch` gets the objects that events name and do not hold."""

    async def route(service: Service, system: AsyncConnection, payload: WaitingEvent) -> Routed:
        return await _Router(webhook, fetch, service, system).route(payload.event)

    return SystemTask(routing_of(webhook), route)


@dataclass(frozen=True, slots=True)
class _Router:
    webhook: Webhook
    fetch: Fetch | None
    service: Service
    system: AsyncConnection

    async def route(self, event_id: str) -> Routed:
        """Enqueue what is done after the event, and note what became of it."""
        row = await stored(self.system, self.webhook.key, event_id)
        if row is None or row.state != "received":
            return Routed(state=row.state if row else "forgotten", jobs=0)
        try:
            notice = provider_of(self.webhook.provider).read(row.body)
            orders = [order async for order in self._orders(notice, row.request_id)]
        except Unreadable as error:
            return await self._settled(event_id, "unreadable", said=str(error))
        except _Setback as setback:
            return await self._settled(event_id, setback.state, said=setback.said)
        jobs = [job for order in orders if (job := await put_one_into_queue(self.system, order))]
        return await self._settled(event_id, "routed" if orders else "ignored", jobs=jobs)

    async def _orders(self, notice: Notice, request_id: str) -> AsyncIterator[Order]:
        handlings = [item for item in self.webhook.handles if not notice.types.isdisjoint(item.events)]
        data = await self._whole(notice, [path for item in handlings for path in self._paths(item)])
        for handling in handlings:
            tenant = await self._tenant(handling, data) if handling.job.each_tenant else None
            yield self._order(handling, data, tenant, request_id)

    async def _whole(self, notice: Notice, paths: Sequence[str]) -> Mapping[str, Any]:
        """The event with all that is asked of it: with the object that it names, when that says what it does not."""
        if (
            notice.address is None
            or self.fetch is None
            or all(found_at(notice.data, path) is not None for path in paths)
        ):
            return notice.data
        thing = await self.fetch(self.service.settings, notice.address)
        if thing is None:
            raise _Setback("unmatched", f"{notice.address} is not there any more")
        return notice.completed(thing)

    def _paths(self, handling: Handling) -> list[str]:
        whose = [self._whose(handling)] if handling.job.each_tenant else []
        return [*handling.input.values(), *whose]

    def _whose(self, handling: Handling) -> str:
        assert self.webhook.tenant is not None  # noqa: S101 - a rule of the contract
        return handling.tenant or self.webhook.tenant.where

    async def _tenant(self, handling: Handling, data: Mapping[str, Any]) -> UUID:
        path, entity = self._whose(handling), self.service.definition.tenant
        assert self.webhook.tenant is not None and entity is not None and entity.TENANT  # noqa: S101, PT018
        named, by = found_at(data, path), self.webhook.tenant.by
        if not isinstance(named, str):
            raise _Setback("unmatched", f"{path} does not say whose it is")
        _require_storable(named)
        columns: Any = entity
        query = select(getattr(columns, entity.TENANT)).where(getattr(columns, by) == named)
        tenant: UUID | None = (await self.system.execute(query)).scalar()
        if tenant is None:
            raise _Setback("unmatched", f"no {entity.__name__} has the {by} {named}")
        return tenant

    def _order(self, handling: Handling, data: Mapping[str, Any], tenant: UUID | None, request_id: str) -> Order:
        job = handling.job
        said = {name: found_at(data, path) for name, path in handling.input.items()}
        values = {name: value for name, value in said.items() if value is not None}
        _require_storable(values)
        if job.tenant_field:
            values[job.input.model_fields[job.tenant_field].alias or job.tenant_field] = str(tenant)
        try:
            payload = job.input.model_validate_json(json.dumps(values), by_alias=True, by_name=False)
        except ValidationError as error:
            wrong = "; ".join(f"{each.field or 'the whole'} {each.message}" for each in field_errors(error))
            raise _Setback("unreadable", f"{job.key} can't be done with it: {wrong}") from None
        return Order.of(job, payload, tenant, request_id)

    async def _settled(
        self, event_id: str, state: State, *, said: str | None = None, jobs: Sequence[int] = ()
    ) -> Routed:
        now = self.service.clock.now()
        forget_at = now + self.webhook.keep
        await settle(self.system, self.webhook.key, event_id, state, now=now, forget_at=forget_at, said=said, jobs=jobs)
        self.service.metrics.webhook_settled(self.webhook.key, state)
        if said is not None:
            log.error("webhook_" + state, webhook=self.webhook.key, delivery=event_id, said=said)
        return Routed(state=state, jobs=len(jobs))


def _require_storable(used: Any) -> None:
    """Only what is used of an event has to be storable: whatever else it says, it is worked on."""
    if any(unstorable(used)):
        raise _Setback("unreadable", "it holds text that no database keeps: NUL or lone surrogates")
