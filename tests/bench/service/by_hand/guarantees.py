"""Who calls, for whom and how often: what both frameworks' endpoints share."""

import datetime as dt
import os
import uuid

import jwt
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from .tables import Membership

POOL = int(os.environ["BENCH_POOL"])
APP = create_async_engine(os.environ["BENCH_APP_URL"], pool_size=POOL, max_overflow=0)
SYSTEM = create_async_engine(os.environ["BENCH_SYSTEM_URL"], pool_size=POOL, max_overflow=0)

FAILED = text("SELECT attempts FROM treaty.failed_attempt WHERE address = :address AND attempts >= 20")
TAKE = text("""
    INSERT INTO treaty.rate_limit AS b (bucket, tokens, updated_at) VALUES (:bucket, :capacity - 1, :now)
    ON CONFLICT (bucket) DO UPDATE SET
        tokens = least(:capacity, b.tokens + :capacity * extract(epoch FROM :now - b.updated_at) / 60) - 1,
        updated_at = :now
    WHERE least(:capacity, b.tokens + :capacity * extract(epoch FROM :now - b.updated_at) / 60) >= 1
    RETURNING 1
""")


class Refused(Exception):
    """The request is answered with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def admitted(authorization: str, operation: str, now: dt.datetime) -> tuple[str, uuid.UUID]:
    """The person and the tenant of a request that may go on; else `Refused`."""
    async with AsyncSession(SYSTEM) as session:
        if (await session.exec(FAILED, params={"address": "127.0.0.1"})).first():
            raise Refused(429)
        try:
            claims = jwt.decode(
                authorization.removeprefix("Bearer "),
                os.environ["BENCH_JWT_SECRET"],
                algorithms=["HS256"],
                issuer="treaty",
                audience="treaty",
            )
        except jwt.InvalidTokenError:
            raise Refused(401) from None
        memberships = (await session.exec(select(Membership).where(Membership.person == claims["sub"]))).all()
        if len(memberships) != 1:
            raise Refused(404)
        tenant = memberships[0].organization_id
        values = {"bucket": f"{operation}:{tenant}", "capacity": 100_000_000.0, "now": now}
        if (await session.exec(TAKE, params=values)).first() is None:
            raise Refused(429)
        await session.commit()
    return claims["sub"], tenant


async def enter(session: AsyncSession, tenant: uuid.UUID) -> None:
    """Let the session see the rows of this tenant only."""
    await session.exec(text("SELECT set_config('app.tenant', :tenant, true)"), params={"tenant": str(tenant)})
