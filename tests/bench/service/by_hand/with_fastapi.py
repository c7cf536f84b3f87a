"""`usage.record`, written by hand with FastAPI and SQLModel: one session, one transaction, one request at a time."""

import datetime as dt
import hashlib
import json
import uuid
from typing import Any

from fastapi import FastAPI, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from .guarantees import APP, Refused, admitted, enter
from .tables import Audit, Idempotency, Meter, Outbox, Subscription, UsageEvent, UsageKey, UsageLimit, UsageTotal

OPERATION = "saas.billing.usage.record@1"
app = FastAPI(openapi_url=None)


class Usage(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")
    feature: str = Field(max_length=64)
    quantity: int = Field(ge=0, le=2**63 - 1)
    idempotency_key: str = Field(min_length=1, max_length=100)
    occurred_at: dt.datetime | None = None
    source_id: str | None = Field(default=None, max_length=200)
    metadata: dict[str, Any] | None = None


class Recorded(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    recorded: bool
    current_usage: int
    limit: int | None = None
    limit_reached: bool


@app.exception_handler(Refused)
async def refused(_: Request, error: Refused) -> Response:
    return Response(json.dumps({"status": error.status}), error.status, media_type="application/problem+json")


@app.post("/billing/usage", status_code=201)
async def record(usage: Usage, request: Request, authorization: str = Header()) -> Response:
    now, request_id = dt.datetime.now(dt.UTC), str(uuid.uuid4())
    person, tenant = await admitted(authorization, OPERATION, now)
    shown = usage.model_dump(mode="json", by_alias=True, exclude_none=True)
    digest = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).digest()
    async with AsyncSession(APP, expire_on_commit=False) as session:
        await enter(session, tenant)
        stored = await claim(session, tenant, usage.idempotency_key, digest, now)
        if stored is not None:
            return Response(stored.body, stored.status, media_type="application/json")
        answer = await take(session, usage, tenant, now, request_id)
        body = answer.model_dump_json(by_alias=True, exclude_none=True).encode()
        kept = await session.get(Idempotency, (tenant, OPERATION, usage.idempotency_key))
        assert kept is not None
        kept.status, kept.body = 201, body
        session.add(
            Audit(
                at=now,
                tenant=tenant,
                operation="saas.billing.usage.record",
                version="1.0.0",
                principal_kind="person",
                principal_id=person,
                address=request.client.host if request.client else "unknown",
                request_id=request_id,
                outcome="success",
                status=201,
                input=shown,
            )
        )
        await session.commit()
    return Response(body, 201, media_type="application/json")


async def claim(
    session: AsyncSession, tenant: uuid.UUID, key: str, digest: bytes, now: dt.datetime
) -> Idempotency | None:
    values = {
        "tenant": tenant,
        "operation": OPERATION,
        "key": key,
        "request_hash": digest,
        "created_at": now,
        "expires_at": now + dt.timedelta(days=1),
    }
    claimed = await session.exec(insert(Idempotency).values(values).on_conflict_do_nothing().returning(Idempotency.key))
    if claimed.first() is not None:
        return None
    stored = await session.get(Idempotency, (tenant, OPERATION, key))
    if stored is None or stored.request_hash != digest:
        raise Refused(409)
    return stored


async def take(session: AsyncSession, usage: Usage, tenant: uuid.UUID, now: dt.datetime, request_id: str) -> Recorded:
    moment = usage.occurred_at or now
    if not now - dt.timedelta(days=35) <= moment <= now + dt.timedelta(minutes=5):
        raise Refused(409)
    known = await session.exec(select(UsageKey).where(UsageKey.idempotency_key == usage.idempotency_key))
    if known.first() is not None:
        raise Refused(409)
    metered = (
        await session.exec(
            select(Meter, UsageLimit)
            .join(UsageLimit, UsageLimit.meter_id == Meter.id, isouter=True)
            .where(Meter.feature == usage.feature)
        )
    ).all()
    if not metered:
        raise Refused(409)
    await session.exec(select(Subscription))  # billing periods are counted from its start
    periods = {"billing_period": f"{moment:%Y-%m}", "day": f"{moment:%Y-%m-%d}"}
    event = UsageEvent(
        organization_id=tenant,
        feature=usage.feature,
        quantity=usage.quantity,
        idempotency_key=usage.idempotency_key,
        occurred_at=moment,
        recorded_at=now,
        billing_period=periods["billing_period"],
        source_id=usage.source_id,
        details=usage.metadata,
    )
    session.add(event)
    await session.flush()
    totals = await locked(session, tenant, usage.feature, periods)
    for total in totals:
        total.usage += usage.quantity
        total.events += 1
        total.last_occurred_at, total.last_recorded_at, total.last_event = moment, now, event.id
    used = {total.window: total.usage for total in totals}
    limits = [limit for _, limit in metered if limit is not None]
    if any(limit.enforcement == "hard" and used[limit.window] > limit.limit for limit in limits):
        raise Refused(409)
    session.add(
        Outbox(
            tenant=tenant,
            type="billing.usage.recorded",
            key="saas.billing.usage.recorded",
            version="1.0.0",
            payload={
                "organizationId": str(tenant),
                "feature": usage.feature,
                "quantity": usage.quantity,
                "billingPeriod": periods["billing_period"],
                "recordedAt": now.isoformat(),
            },
            occurred_at=now,
            request_id=request_id,
        )
    )
    least = min(limits, key=lambda limit: limit.limit - used[limit.window], default=None)
    return Recorded(
        recorded=True,
        current_usage=used[least.window if least else "billing_period"],
        limit=least.limit if least else None,
        limit_reached=least is not None and used[least.window] >= least.limit,
    )


async def locked(session: AsyncSession, tenant: uuid.UUID, feature: str, periods: dict[str, str]) -> list[UsageTotal]:
    rows = [
        {
            "id": uuid.uuid4(),
            "organization_id": tenant,
            "feature": feature,
            "window": window,
            "period": period,
            "usage": 0,
            "events": 0,
        }
        for window, period in periods.items()
    ]
    statement = insert(UsageTotal).values(rows)
    statement = statement.on_conflict_do_update(
        index_elements=["organization_id", "feature", "window", "period"], set_={"events": UsageTotal.events}
    )
    found = await session.exec(statement.returning(UsageTotal))
    return list(found.scalars())
