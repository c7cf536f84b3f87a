"""What an organization is entitled to: `entitlements.sync`, `entitlements.reconcile` and `entitlements.grant`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import col, select

from generated.saas.billing.difference import Difference
from generated.saas.billing.difference_cause import DifferenceCause
from generated.saas.billing.entitlement import Entitlement
from generated.saas.billing.entitlement_source import EntitlementSource
from generated.saas.billing.entitlements_grant import EntitlementsGrantInput, EntitlementsGrantOutput
from generated.saas.billing.entitlements_reconcile import EntitlementsReconcileInput, EntitlementsReconcileOutput
from generated.saas.billing.entitlements_sync import EntitlementsSyncInput, EntitlementsSyncOutput
from saas.billing import organization, subscription
from saas.billing.entitlement_mirror import mirror, of_source
from saas.billing.stripe_client import stripe_client
from saas.billing.stripe_entitlements import is_customer
from treaty_runtime.entitlements import is_entitled
from treaty_runtime.unit_of_work import Transaction, UnitOfWork

__all__ = ["grant", "lapses", "reconcile", "sync"]

log: structlog.stdlib.BoundLogger = structlog.get_logger("saas.billing")


async def sync(uow: UnitOfWork, payload: EntitlementsSyncInput, /) -> EntitlementsSyncOutput:
    """Ask Stripe for everything that the organization is entitled to, and have the mirror show that."""
    await organization.serialize(uow)  # of two that ask at once, the one that was told earlier must not write later
    changed = await mirror(uow, await stripe_client(uow.settings), payload.customer_id)
    return EntitlementsSyncOutput(changed=len(changed))


async def reconcile(uow: UnitOfWork, _payload: EntitlementsReconcileInput, /) -> EntitlementsReconcileOutput:
    """Compare subscription and entitlements with Stripe, heal what differs, and say what did and why."""
    customer_id = await organization.stripe_customer(uow)
    if customer_id is None:
        return EntitlementsReconcileOutput(differences=[], forgotten=0)
    await organization.serialize(uow)
    client = await stripe_client(uow.settings)
    there = await is_customer(client, customer_id)
    shown = await subscription.mirror(uow, client, customer_id)
    changed = await mirror(uow, client, customer_id)
    cause = DifferenceCause.MISSED_EVENT if there else DifferenceCause.CUSTOMER_MISSING
    found = [
        *([_difference("subscription", shown.here, shown.at_stripe, cause)] if shown else ()),
        *(
            _difference(f"entitlement {change.feature}", change.here, change.at_stripe, cause)
            for change in changed
            if not change.forgotten
        ),
    ]
    _report(uow, found)
    return EntitlementsReconcileOutput(differences=found, forgotten=sum(change.forgotten for change in changed))


async def grant(uow: UnitOfWork, payload: EntitlementsGrantInput, /) -> EntitlementsGrantOutput:
    """Make what was agreed what is listed, and leave what Stripe says as it is."""
    await organization.serialize(uow)
    wanted = {each.feature for each in payload.features}
    agreed = {row.feature: row for row in await of_source(uow, EntitlementSource.AGREEMENT)}
    for feature in agreed.keys() - wanted:
        await uow.session.delete(agreed[feature])
    for feature in sorted(wanted - agreed.keys()):
        row = Entitlement(organization_id=uow.tenant, feature=feature, source=EntitlementSource.AGREEMENT)
        uow.session.add(row)
    mirrored = await of_source(uow, EntitlementSource.STRIPE)
    holding = {row.feature for row in mirrored if is_entitled([row.lapsed_at], uow.now, uow.settings)}
    return EntitlementsGrantOutput(features=sorted(holding | wanted))


async def lapses(uow: Transaction, feature: str) -> list[datetime | None]:
    """Since when each entitlement to a feature is not paid for any more; `None` while it is."""
    return list(await uow.session.exec(select(Entitlement.lapsed_at).where(col(Entitlement.feature) == feature)))


def _difference(what: str, here: Any, at_stripe: Any, cause: DifferenceCause) -> Difference:
    said = [None if side is None else str(side) for side in (here, at_stripe)]
    return Difference(what=what, here=said[0], at_stripe=said[1], cause=cause)


def _report(uow: UnitOfWork, found: Iterable[Difference]) -> None:
    for difference in found:
        said = difference.model_dump(mode="json", exclude_none=True)
        log.warning("mirror_differed", organization=str(uow.tenant), **said)
