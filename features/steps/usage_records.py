"""Records of the ledger in scenarios: which one is meant, and what became of it on its way to the billing backend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from generated.saas.billing.usage_batch import UsageBatch
from generated.saas.billing.usage_event import UsageEvent
from generated.saas.billing.usage_report import UsageReport
from treaty_runtime.acceptance import World

VOID, RECORD_BATCH = "saas.billing.usage.void", "saas.billing.usage.recordBatch"


async def void_last(world: World, values: Mapping[str, Any]) -> None:
    """Take back the newest record of usage; `what`: the first one, or the newest that takes another one back."""
    records = await _records(world)
    what = values.get("what")
    wanted = [record for record in records if (record.voids is not None) == (what == "voids")]
    record = wanted[0 if what == "first" else -1]
    await world.call(VOID, {"id": str(record.id)}, actor=values["actor"])


async def take_key(world: World, _values: Mapping[str, Any]) -> None:
    """Record usage under the key that the record needs which would take the newest one back."""
    key = f"void:{(await _records(world))[-1].id}"
    usage = {"feature": "api_calls", "quantity": 1, "idempotencyKey": key}
    await world.call("saas.billing.usage.record", usage, actor="organization")


async def many(world: World, values: Mapping[str, Any]) -> None:
    """Record usage many times with one request."""
    events = [
        {"feature": "api_calls", "quantity": 1, "idempotencyKey": f"many-{number}"}
        for number in range(int(values["records"]))
    ]
    await world.call(RECORD_BATCH, {"events": events}, actor="organization")


async def imported(world: World, values: Mapping[str, Any]) -> None:
    """Put usage into the ledger past the service, as an import or a transaction that committed late would."""
    now = world.stage.clock.now()
    recorded = now - timedelta(hours=int(values.get("recordedHoursAgo", 0)))
    occurred = recorded - timedelta(days=int(values.get("occurredDaysAgo", 0)))
    usage = {
        "organization": "organization",
        "feature": "api_calls",
        "quantity": 7,
        "idempotencyKey": "import-1",
        "occurredAt": occurred.isoformat(),
        "recordedAt": recorded.isoformat(),
        "billingPeriod": f"{occurred:%Y-%m}",
    }
    await world.create(UsageEvent, usage)


async def sent(world: World, values: Mapping[str, Any]) -> None:
    """Every batch was sent in this way; `none`: no batch was sent."""
    async with world.stage.session() as session:
        batches = (await session.exec(select(UsageBatch))).all()
    ways = sorted({batch.way if batch.sent_at else "none" for batch in batches})
    world.broke([] if ways == [values["way"]] else [f"sent in other ways: {ways}"])


async def problem(world: World, values: Mapping[str, Any]) -> None:
    """So many of the records that were claimed have this problem, one unless said, and no other has any."""
    async with world.stage.session() as session:
        found = (await session.exec(select(col(UsageReport.problem)))).all()
    problems = [problem for problem in found if problem is not None]
    wanted = [values["code"]] * int(values.get("records", 1))
    world.broke([] if problems == wanted else [f"noted other problems: {problems}"])


async def _records(world: World) -> list[UsageEvent]:
    order = (col(UsageEvent.recorded_at), col(UsageEvent.id))
    async with world.stage.session() as session:
        return list((await session.exec(select(UsageEvent).order_by(*order))).all())
