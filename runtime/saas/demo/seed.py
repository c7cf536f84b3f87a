"""The organizations of the demonstration: what they measure, what they may use, who belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from generated.saas.billing.aggregation import Aggregation
from generated.saas.billing.enforcement import Enforcement
from generated.saas.billing.limit_window import LimitWindow
from generated.saas.billing.membership import Membership
from generated.saas.billing.meter import Meter
from generated.saas.billing.organization import Organization
from generated.saas.billing.role import Role
from generated.saas.billing.subscription import Subscription
from generated.saas.billing.subscription_status import SubscriptionStatus
from generated.saas.billing.usage_limit import UsageLimit
from treaty_runtime.identifiers import new_id
from treaty_runtime.models import Entity
from treaty_runtime.service import Service

__all__ = ["ACME", "ADMIN", "BUYER", "CALLS_A_DAY", "MEMBER", "seed", "seed_customer"]

ACME = UUID("018f0000-0000-7000-8000-00000000acee")
ADMIN, MEMBER = "ann", "ben"
BUYER = "gil"
CALLS_A_DAY = 1_000
STARTED_AT = datetime(2026, 1, 1, tzinfo=UTC)


async def seed(service: Service) -> None:
    """Make Acme what the demonstration says it is. Done again, it puts right what was changed meanwhile."""
    now = service.clock.now()
    async with service.database.transaction(tenant=ACME, now=now) as session:
        await _lock(session, now)
        for row in _rows():
            await session.merge(row)


async def seed_customer(service: Service) -> UUID:
    """Another Globex for each demonstration: a new customer, who has subscribed to nothing yet."""
    now, globex = service.clock.now(), new_id()
    async with service.database.transaction(tenant=globex, now=now) as session:
        session.add(Organization(id=globex, name="Globex", created_at=now))
        await session.flush()
        session.add(Membership(organization_id=globex, person=BUYER, role=Role.ADMIN))
        session.add(
            Meter(
                organization_id=globex,
                feature="api_calls",
                unit="call",
                product_area="platform",
                aggregation=Aggregation.SUM,
            )
        )
    return globex


async def _lock(session: AsyncSession, now: datetime) -> None:
    """Let another demonstration that begins at this moment wait."""
    await session.exec(
        insert(Organization).values(id=ACME, name="Acme", created_at=now).on_conflict_do_nothing(index_elements=["id"])
    )
    await session.exec(select(Organization).where(col(Organization.id) == ACME).with_for_update())


def _rows() -> Iterator[Entity]:
    for person, role in ((ADMIN, Role.ADMIN), (MEMBER, Role.MEMBER)):
        yield Membership(id=_id(person), organization_id=ACME, person=person, role=role)
    yield Subscription(
        id=_id("subscription"),
        organization_id=ACME,
        plan="free",
        status=SubscriptionStatus.ACTIVE,
        started_at=STARTED_AT,
        upgrade_url="https://billing.example.com/upgrade",
    )
    yield _meter("api_calls", "call", "platform", Aggregation.SUM)
    yield _limit("api_calls", LimitWindow.DAY, CALLS_A_DAY, Enforcement.HARD)
    yield _meter("active_agents", "agent", "agents", Aggregation.LAST)
    yield _limit("active_agents", LimitWindow.BILLING_PERIOD, 10, Enforcement.HARD)
    yield _meter("token_issuances", "token", "identity", Aggregation.SUM)
    yield _limit("token_issuances", LimitWindow.BILLING_PERIOD, 10_000, Enforcement.SOFT)


def _meter(feature: str, unit: str, product_area: str, aggregation: Aggregation) -> Meter:
    return Meter(
        id=_id(feature),
        organization_id=ACME,
        feature=feature,
        unit=unit,
        product_area=product_area,
        aggregation=aggregation,
    )


def _limit(feature: str, window: LimitWindow, limit: int, enforcement: Enforcement) -> UsageLimit:
    return UsageLimit(
        id=_id(f"limit of {feature}"),
        organization_id=ACME,
        meter_id=_id(feature),
        window=window,
        limit=limit,
        enforcement=enforcement,
    )


def _id(name: str) -> UUID:
    return uuid5(ACME, name)
