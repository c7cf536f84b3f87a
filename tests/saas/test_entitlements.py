"""What is mirrored of Stripe's entitlements in every state of a subscription, and by many at once."""

from __future__ import annotations

import asyncio
import datetime as dt
from uuid import UUID

import pytest
from stripe import StripeClient

from generated.saas.billing.entitlements_reconcile import EntitlementsReconcileInput
from generated.saas.billing.entitlements_sync import EntitlementsSyncInput
from generated.saas.billing.subscription_status import SubscriptionStatus as Status
from saas.billing import entitlements, organization
from saas.billing.entitlement_mirror import Shown, to_show
from saas.billing.stripe_client import stripe_client
from saas.billing.stripe_entitlements import Entitled
from tests.saas.conftest import NOON, Billing, Organization, usage
from treaty_runtime.database import Database

GRACE = dt.timedelta(days=7)
LATE, LONG_AGO = NOON - dt.timedelta(days=2), NOON - GRACE
LISTED = {"analytics": "ent_1"}
PAID, LAPSED = Shown("ent_1", None), Shown("ent_1", LATE)
NOTHING = None


@pytest.mark.parametrize(
    ("status", "since", "listed", "here", "shown"),
    [
        (Status.ACTIVE, None, True, NOTHING, PAID),
        (Status.TRIALING, None, True, LAPSED, PAID),
        (Status.ACTIVE, None, False, PAID, NOTHING),  # another plan
        (Status.PAST_DUE, LATE, True, PAID, LAPSED),
        (Status.PAST_DUE, LONG_AGO, True, LAPSED, Shown("ent_1", LONG_AGO)),  # Stripe lists it yet
        (Status.PAST_DUE, None, True, LAPSED, LAPSED),  # Stripe does not say since when
        (Status.PAST_DUE, None, True, PAID, Shown("ent_1", NOON)),
        (Status.PAST_DUE, LATE, False, PAID, NOTHING),
        (Status.UNPAID, LATE, False, LAPSED, LAPSED),
        (Status.UNPAID, LONG_AGO, False, LAPSED, NOTHING),
        (Status.CANCELED, LATE, False, PAID, LAPSED),
        (Status.CANCELED, LONG_AGO, False, PAID, NOTHING),
        (Status.CANCELED, LATE, False, NOTHING, NOTHING),
        (Status.PAUSED, None, False, PAID, NOTHING),
        (Status.INCOMPLETE, None, False, PAID, NOTHING),
        (Status.INCOMPLETE_EXPIRED, None, False, PAID, NOTHING),
        (None, None, False, PAID, Shown("ent_1", NOON)),
        (None, None, False, LAPSED, LAPSED),
    ],
)
def test_the_mirror_follows_the_status(
    status: Status | None, since: dt.datetime | None, listed: bool, here: Shown | None, shown: Shown | None
) -> None:
    said = Entitled(LISTED if listed else {}, status, since)
    before = {} if here is None else {"analytics": here}
    assert to_show(said, before, NOON, GRACE).get("analytics") == shown


@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # of the SDK's way of using httpx
def test_many_at_once_mirror_the_same(billing: Billing) -> None:
    """Of all that ask Stripe at once, one heals the mirror, tells of it and reports it."""
    told = billing.run(_mirrored_by_many(billing, billing.organization()))
    assert [difference for differences in told for difference in differences] == [
        "subscription",
        *(f"entitlement feature_{number:02}" for number in range(12)),
    ]


async def _mirrored_by_many(billing: Billing, who: Organization) -> list[list[str]]:
    customer = await _subscribed(await stripe_client(billing.settings))
    await asyncio.to_thread(
        billing.database.execute,
        "UPDATE billing_organization SET stripe_customer_id = %s WHERE id = %s",
        [customer, who.id],
    )
    database = await Database.open(billing.settings)
    try:
        told = await asyncio.gather(*(_reconciled(database, billing, who) for _ in range(3)))
        await asyncio.gather(*(_synced(database, billing, who, customer) for _ in range(3)))
    finally:
        await database.close()
    assert who.count("billing_entitlement") == 12
    assert who.count("billing_subscription") == 1
    return told


async def _subscribed(client: StripeClient) -> str:
    product = await client.v1.products.create_async({"name": "Team"})
    for number in range(12):
        key = f"feature_{number:02}"
        feature = await client.v1.entitlements.features.create_async({"lookup_key": key, "name": key})
        await client.v1.products.features.create_async(product.id, {"entitlement_feature": feature.id})
    price = await client.v1.prices.create_async(
        {"currency": "usd", "product": product.id, "unit_amount": 2000, "recurring": {"interval": "month"}}
    )
    card = "pm_card_visa"
    customer = await client.v1.customers.create_async(
        {"payment_method": card, "invoice_settings": {"default_payment_method": card}}
    )
    await client.v1.subscriptions.create_async({"customer": customer.id, "items": [{"price": price.id}]})
    return customer.id


async def _reconciled(database: Database, billing: Billing, who: Organization) -> list[str]:
    async with database.transaction(tenant=UUID(who.id), now=NOON) as session:
        uow = who.unit_of_work(session)
        found = await entitlements.reconcile(uow, EntitlementsReconcileInput(organization_id=UUID(who.id)))
        assert len(uow.events) == bool(found.differences)
        return [difference.what for difference in found.differences]


async def _synced(database: Database, billing: Billing, who: Organization, customer: str) -> None:
    async with database.transaction(tenant=UUID(who.id), now=NOON) as session:
        found = await entitlements.sync(who.unit_of_work(session), EntitlementsSyncInput(customer_id=customer))
        assert found.changed == 0


def test_usage_is_recorded_while_stripe_is_asked(billing: Billing) -> None:
    who = billing.organization()
    who.meter("api_calls")

    async def recorded_meanwhile() -> int:
        database = await Database.open(billing.settings)
        try:
            async with database.transaction(tenant=UUID(who.id), now=NOON) as session:
                await organization.serialize(who.unit_of_work(session))
                async with who.client() as client:
                    return (await client.post("/billing/usage", json=usage("api_calls"))).status_code
        finally:
            await database.close()

    assert billing.run(recorded_meanwhile()) == 201
