"""The mirror of what an organization is entitled to at Stripe: what it is to show, and the SQL that has it do so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from stripe import StripeClient

from generated.saas.billing.entitlement import Entitlement
from generated.saas.billing.entitlement_source import EntitlementSource
from generated.saas.billing.subscription_status import SubscriptionStatus
from saas.billing.stripe_entitlements import Entitled, entitled_at_stripe
from treaty_runtime.entitlements import grace
from treaty_runtime.unit_of_work import Transaction, UnitOfWork

__all__ = ["Change", "Shown", "changes", "mirror", "of_source", "to_show"]

# Who has not paid in time: access ends with the time of grace. Without any subscription, there is nothing paid for.
LAPSING = frozenset({None, SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID, SubscriptionStatus.CANCELED})
# Of these Stripe lists nothing any more; what it listed before stays for the time of grace.
ENDED = LAPSING - {SubscriptionStatus.PAST_DUE}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the mirror shows of a feature: the entitlement's id at Stripe, and since when it is not paid for."""

    id: str | None
    lapsed_at: datetime | None

    def __str__(self) -> str:
        return f"lapsed {self.lapsed_at:%Y-%m-%dT%H:%M:%SZ}" if self.lapsed_at else "paid for"


Mirror = Mapping[str, Shown]
"""What is shown of each feature, by lookup key."""


@dataclass(frozen=True, slots=True)
class Change:
    """A feature of which the mirror shows something else from now on; `None` is nothing.

    It is `forgotten` when the only reason is that its time of grace is over.
    """

    feature: str
    here: Shown | None
    at_stripe: Shown | None
    forgotten: bool


async def mirror(uow: UnitOfWork, client: StripeClient, customer_id: str) -> list[Change]:
    """Ask Stripe for all of it, and have the rows show that, in this transaction. Say what they showed otherwise.

    The caller has the organization's lock.
    """
    said = await entitled_at_stripe(client, customer_id)
    rows = {row.feature: row for row in await of_source(uow, EntitlementSource.STRIPE)}
    here = {feature: Shown(row.stripe_entitlement_id, row.lapsed_at) for feature, row in rows.items()}
    found = changes(here, to_show(said, here, uow.now, grace(uow.settings)))
    for change in found:
        await _write(uow, rows.get(change.feature), change)
    return found


def to_show(said: Entitled, here: Mirror, now: datetime, keep: timedelta) -> dict[str, Shown]:
    """What the mirror is to show: what Stripe lists, and until its time of grace is over, what ended.

    Since when a feature is not paid for, Stripe says; where it does not, the mirror knows it, or it is from now on.
    """

    def lapsed(feature: str) -> datetime | None:
        before = here[feature].lapsed_at if feature in here else None
        return said.lapsed_at or before or now if said.status in LAPSING else None

    shown = {feature: Shown(id_, lapsed(feature)) for feature, id_ in said.features.items()}
    for feature in here.keys() - said.features.keys() if said.status in ENDED else ():
        since = lapsed(feature)
        if since is not None and now < since + keep:
            shown[feature] = Shown(here[feature].id, since)
    return shown


def changes(here: Mirror, shown: Mirror) -> list[Change]:
    """What differs, by feature. What has lapsed and is not shown any more was only kept for its time of grace."""
    return [
        Change(
            feature,
            here.get(feature),
            shown.get(feature),
            forgotten=feature not in shown and here[feature].lapsed_at is not None,
        )
        for feature in sorted(here.keys() | shown.keys())
        if here.get(feature) != shown.get(feature)
    ]


async def of_source(uow: Transaction, source: EntitlementSource) -> list[Entitlement]:
    """The organization's entitlements that one source says it has."""
    return list(await uow.session.exec(select(Entitlement).where(col(Entitlement.source) == source)))


async def _write(uow: Transaction, row: Entitlement | None, change: Change) -> None:
    if change.at_stripe is None:
        await uow.session.delete(row)
        return
    row = row or Entitlement(organization_id=uow.tenant, feature=change.feature, source=EntitlementSource.STRIPE)
    row.stripe_entitlement_id, row.lapsed_at = change.at_stripe.id, change.at_stripe.lapsed_at
    uow.session.add(row)
