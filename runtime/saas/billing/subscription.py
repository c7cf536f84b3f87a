"""The subscription of an organization: `subscription.get`, `subscription.change`, `subscription.sync`, and its SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import select
from stripe import StripeClient

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
from saas.billing.stripe_subscriptions import current_subscription, late_since, moment, plan_item
from treaty_runtime.unit_of_work import Transaction, UnitOfWork, require_revision

__all__ = ["Mirrored", "change", "find", "get", "gives_access", "mirror", "started_at", "sync"]

_SUBSCRIPTION = select(Subscription)
WITH_ACCESS = frozenset({SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE})
LATE = frozenset({SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID})
OVER = frozenset({SubscriptionStatus.CANCELED, SubscriptionStatus.INCOMPLETE_EXPIRED})


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a subscription showed, and what Stripe says; `None` where there is nothing."""

    here: str | None
    at_stripe: str | None


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
    _tell(uow, (before.plan, before.status) if before else None, payload.plan, payload.status)
    after.plan, after.status, after.upgrade_url = payload.plan, payload.status, payload.upgrade_url
    uow.session.add(after)
    await uow.session.flush()
    return _current(after, uow.now)


async def sync(uow: UnitOfWork, payload: SubscriptionSyncInput, /) -> SubscriptionSyncOutput:
    """Ask Stripe how things stand, and have the mirror show that."""
    await organization.serialize(uow)  # of two that ask at once, the one that was told earlier must not write later
    client = await stripe_client(uow.settings)
    return SubscriptionSyncOutput(changed=await mirror(uow, client, payload.customer_id) is not None)


async def mirror(uow: UnitOfWork, client: StripeClient, customer_id: str) -> Mirrored | None:
    """Have the subscription show what Stripe says of the customer's; what was changed, or `None` when nothing was.

    Of one that Stripe does not have any more, it shows that it is over.
    """
    said, before = await current_subscription(client, customer_id), await find(uow)
    if said is None:
        return _over(uow, before)
    plan, status = plan_item(said).price.id, SubscriptionStatus(said.status)
    late = await late_since(client, said) if status in LATE else None
    shown = _shown(before)
    after = before or _started(uow.tenant, plan, status, moment(said.start_date))
    was = (after.plan, after.status)
    if after.stripe_subscription_id != said.id:
        after.started_at = moment(said.start_date)  # its periods are Stripe's from now on
    after.plan, after.status, after.stripe_subscription_id = plan, status, said.id
    after.past_due_since, after.ended_at = late, moment(said.ended_at) if said.ended_at else None
    if shown == _shown(after) and before is not None:
        return None
    _tell(uow, was if before else None, plan, status)
    uow.session.add(after)
    return Mirrored(shown, _shown(after))


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


def _over(uow: UnitOfWork, before: Subscription | None) -> Mirrored | None:
    if before is None or before.stripe_subscription_id is None or before.status in OVER:
        return None
    shown = _shown(before)
    _tell(uow, (before.plan, before.status), before.plan, SubscriptionStatus.CANCELED)
    before.status, before.ended_at = SubscriptionStatus.CANCELED, uow.now
    uow.session.add(before)
    return Mirrored(shown, None)


def _shown(subscription: Subscription | None) -> str | None:
    """What a subscription mirrors, in words."""
    if subscription is None:
        return None
    since = (("late", subscription.past_due_since), ("ended", subscription.ended_at))
    times = [f"{word} {at:%Y-%m-%dT%H:%M:%SZ}" for word, at in since if at is not None]
    return ", ".join([str(subscription.stripe_subscription_id), subscription.plan, subscription.status.value, *times])


def _tell(
    uow: UnitOfWork, before: tuple[str, SubscriptionStatus] | None, plan: str, status: SubscriptionStatus
) -> None:
    if before == (plan, status):
        return
    uow.emit(
        SubscriptionChanged(
            organization_id=uow.tenant,
            plan=plan,
            status=status,
            previous_plan=before[0] if before else None,
            previous_status=before[1] if before else None,
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
