"""Stripe's page for subscribing: `checkout.start`."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import stripe
from stripe import Price

from generated.saas.billing.checkout_start import (
    OPERATION,
    AddressNotAllowed,
    CheckoutStartInput,
    CheckoutStartOutput,
)
from generated.saas.billing.organization import Organization
from saas.billing import stripe_plans
from saas.billing.asking_stripe import Asking, asking
from saas.billing.return_addresses import may_come_back_to
from saas.billing.stripe_subscriptions import ENDED, current_subscription
from treaty_runtime.refusals import Refusal
from treaty_runtime.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParamsLineItem

__all__ = ["start"]


async def start(uow: UnitOfWork, payload: CheckoutStartInput, /) -> CheckoutStartOutput:
    """Have Stripe make a page for subscribing to a plan; an earlier one that is still open is over."""
    if not all(may_come_back_to(address, uow.settings) for address in (payload.success_url, payload.cancel_url)):
        raise AddressNotAllowed
    # Alone, as two at once would each close the other's page.
    async with asking(uow, OPERATION, payload.idempotency_key, alone=True) as asked:
        organization = await uow.get(Organization, uow.tenant)
        members = await stripe_plans.members(uow)
        price = await stripe_plans.offered(asked, payload.price_id)
        if organization.stripe_customer_id is not None:
            await _check_free(asked, organization.stripe_customer_id, price)
        customer = organization.stripe_customer_id or await _new_customer(asked, organization)
        started = await _page(asked, customer, price, payload, members)
    organization.stripe_customer_id = customer
    return started


async def _check_free(asked: Asking, customer: str, price: Price) -> None:
    """Stripe is asked and not the mirror: a subscription may have begun a moment ago."""
    current = await current_subscription(asked.client, customer)
    if current is None:
        return
    if current.status not in ENDED:
        raise asked.refusal("already_subscribed")
    if current.currency != price.currency:
        raise asked.refusal("currency_differs")


async def _new_customer(asked: Asking, organization: Organization) -> str:
    """The organization as a customer, made once: should we die before its id is stored, the key leads to it again."""
    made = await asked.client.v1.customers.create_async(
        {"name": organization.name, "metadata": {"organization": str(organization.id)}},
        {"idempotency_key": f"customer-of-{organization.id}"},
    )
    return made.id


async def _close(asked: Asking, session: str) -> None:
    """Have nobody complete a page any more. One that is not open has been completed, or is over."""
    with suppress(stripe.InvalidRequestError):
        await asked.client.v1.checkout.sessions.expire_async(session)


async def _page(
    asked: Asking, customer: str, price: Price, payload: CheckoutStartInput, members: int
) -> CheckoutStartOutput:
    sessions = asked.client.v1.checkout.sessions
    items: list[SessionCreateParamsLineItem] = [{"price": price.id, "quantity": stripe_plans.quantity(price, members)}]
    items += [{"price": usage} for usage in sorted(stripe_plans.metered_prices(price))]
    session = await sessions.create_async(
        {
            "mode": "subscription",
            "customer": customer,
            "client_reference_id": asked.tenant,
            "line_items": items,
            "success_url": payload.success_url,
            "cancel_url": payload.cancel_url,
        },
        asked.once("session"),
    )
    # Whoever has two pages open could subscribe twice, and an earlier one may have been completed a moment ago.
    for earlier in (await sessions.list_async({"customer": customer, "status": "open", "limit": 100})).data:
        if earlier.id != session.id:
            await _close(asked, earlier.id)
    try:
        await _check_free(asked, customer, price)
    except Refusal:
        await _close(asked, session.id)
        raise
    return CheckoutStartOutput(
        checkout_id=session.id, url=session.url or "", expires_at=datetime.fromtimestamp(session.expires_at, UTC)
    )
