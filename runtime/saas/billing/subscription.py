"""The subscription of an organization: `subscription.get`, `subscription.change`, `subscription.sync`, and its SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import select

from generated.saas.billing.current_subscription import CurrentSubscription
from generated.saas.billing.subscription import Subscription
from generated.saas.billing.subscription_change import KeptByStripe, SubscriptionChangeInput
from generated.saas.billing.subscription_changed import SubscriptionChanged
from generated.saas.billing.subscription_get import NoSubscription, SubscriptionGetInput
from generated.saas.billing.subscription_status import SubscriptionStatus
from generated.saas.billing.subscription_sync import SubscriptionSyncInput, SubscriptionSyncOutput
from saas.billing import organization
from saas.billing.periods import billing_period
from saas.billing.stripe_client import stripe_client
from saas.billing.stripe_subscriptions import current_subscription, plan_item
from treaty_runtime.unit_of_work import Transaction, UnitOfWork, require_revision

__all__ = ["change", "find", "get", "gives_access", "started_at", "sync"]

_SUBSCRIPTION = select(Subscription)
WITH_ACCESS = frozenset({SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE})


async def get(uow: UnitOfWork, _payload: SubscriptionGetInput, /) -> CurrentSubscription:
    """Show the subscription as it stands now."""
    subscription = await find(uow)
    if subscription is None:
        raise NoSubscription
    return _current(subscription, uow.now)


async def change(uow: UnitOfWork, payload: SubscriptionChangeInput, /) -> CurrentSubscription:
    """Start the subscription, or change its plan and where it stands; its billing periods stay where they are."""
    await organization.lock(uow)  # two first calls at once would both start one
    before = await find(uow)
    if before is not None and before.stripe_subscription_id is not None:
        raise KeptByStripe
    require_revision(before, payload.revision)
    after = before or _started(uow.tenant, payload.plan, payload.status, uow.now)
    _tell(uow, before, payload.plan, payload.status)
    after.plan, after.status, after.upgrade_url = payload.plan, payload.status, payload.upgrade_url
    uow.session.add(after)
    await uow.session.flush()
    return _current(after, uow.now)


async def sync(uow: UnitOfWork, payload: SubscriptionSyncInput, /) -> SubscriptionSyncOutput:
    """Ask Stripe how things stand, and have the mirror show that."""
    await organization.lock(uow)  # of two that ask at once, the one that was told earlier must not write later
    said = await current_subscription(await stripe_client(uow.settings), payload.customer_id)
    if said is None:
        return SubscriptionSyncOutput(changed=False)
    plan, status = plan_item(said).price.id, SubscriptionStatus(said.status)
    before = await find(uow)
    after = before or _started(uow.tenant, plan, status, datetime.fromtimestamp(said.start_date, UTC))
    if before is not None and (before.plan, before.status, before.stripe_subscription_id) == (plan, status, said.id):
        return SubscriptionSyncOutput(changed=False)
    _tell(uow, before, plan, status)
    if after.stripe_subscription_id != said.id:
        after.started_at = datetime.fromtimestamp(said.start_date, UTC)  # its periods are Stripe's from now on
    after.plan, after.status, after.stripe_subscription_id = plan, status, said.id
    uow.session.add(after)
    return SubscriptionSyncOutput(changed=True)


async def find(uow: Transaction) -> Subscription | None:
    """The organization's subscription."""
    return (await uow.session.exec(_SUBSCRIPTION)).first()


def started_at(subscription: Subscription | None) -> datetime | None:
    """What its billing periods are counted from."""
    return subscription.started_at if subscription else None


def gives_access(subscription: Subscription | None) -> bool:
    """Whether features may be used: an organization without a subscription has what its meters measure."""
    return subscription is None or subscription.status in WITH_ACCESS


def _started(of: UUID, plan: str, status: SubscriptionStatus, at: datetime) -> Subscription:
    return Subscription(organization_id=of, plan=plan, status=status, started_at=at)


def _tell(uow: UnitOfWork, before: Subscription | None, plan: str, status: SubscriptionStatus) -> None:
    if before is not None and (before.plan, before.status) == (plan, status):
        return
    uow.emit(
        SubscriptionChanged(
            organization_id=uow.tenant,
            plan=plan,
            status=status,
            previous_plan=before.plan if before else None,
            previous_status=before.status if before else None,
            changed_at=uow.now,
        )
    )


def _current(subscription: Subscription, now: datetime) -> CurrentSubscription:
    period = billing_period(now, subscription.started_at)
    return CurrentSubscription(
        plan=subscription.plan,
        status=subscription.status,
        started_at=subscription.started_at,
        billing_period=period.name,
        current_period_start=period.start,
        current_period_end=period.end,
        revision=subscription.revision,
        upgrade_url=subscription.upgrade_url,
    )
