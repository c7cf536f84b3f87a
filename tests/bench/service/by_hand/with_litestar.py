"""`feature.check`, written by hand with Litestar and SQLModel: a plain read, with the same guarantees."""

import datetime as dt
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get
from litestar.params import Parameter
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from .guarantees import APP, Refused, admitted, enter
from .tables import Meter, Subscription, UsageLimit, UsageTotal


class Access(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    feature: str
    has_access: bool
    reason: str
    limit: int | None = None
    current_usage: int | None = None
    upgrade_url: str | None = None


@get("/billing/features/{feature:str}")
async def check(feature: Annotated[str, Parameter(max_length=64)], request: Request[Any, Any, Any]) -> Response[bytes]:
    now = dt.datetime.now(dt.UTC)
    _, tenant = await admitted(request.headers.get("authorization", ""), "saas.billing.feature.check@1", now)
    async with AsyncSession(APP) as session:
        await enter(session, tenant)
        subscription = (await session.exec(select(Subscription))).first()
        metered = (
            await session.exec(
                select(Meter, UsageLimit)
                .join(UsageLimit, UsageLimit.meter_id == Meter.id, isouter=True)
                .where(Meter.feature == feature)
            )
        ).all()
        if not metered or (subscription and subscription.status in {"paused", "canceled"}):
            access = Access(feature=feature, has_access=False, reason="not_in_plan")
        else:
            access = await _standing(session, feature, now, [limit for _, limit in metered if limit is not None])
    body = access.model_dump_json(by_alias=True, exclude_none=True).encode()
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _standing(session: AsyncSession, feature: str, now: dt.datetime, limits: list[UsageLimit]) -> Access:
    in_periods = or_(UsageTotal.period == f"{now:%Y-%m}", UsageTotal.period == f"{now:%Y-%m-%d}")
    totals = await session.exec(select(UsageTotal).where(UsageTotal.feature == feature, in_periods))
    used = {total.window: total.usage for total in totals}
    least = min(limits, key=lambda limit: limit.limit - used.get(limit.window, 0), default=None)
    if least is None:
        usage = used.get("billing_period", 0)
        return Access(feature=feature, has_access=True, reason="included", current_usage=usage)
    usage = used.get(least.window, 0)
    reached = usage >= least.limit
    return Access(
        feature=feature,
        has_access=not reached or least.enforcement == "soft",
        reason="limit_reached" if reached else "limit_available",
        limit=least.limit,
        current_usage=usage,
    )


def _refused(_: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    return Response(b"{}", status_code=error.status, media_type="application/problem+json")


app = Litestar([check], exception_handlers={Refused: _refused}, openapi_config=None, logging_config=None)
