"""Stripe's pages for customers: `portal.open`."""

from __future__ import annotations

from generated.saas.billing.portal_open import (
    OPERATION,
    AddressNotAllowed,
    NoCustomer,
    PortalOpenInput,
    PortalOpenOutput,
)
from saas.billing import organization
from saas.billing.asking_stripe import asking
from saas.billing.return_addresses import may_come_back_to
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["open_portal"]


async def open_portal(uow: UnitOfWork, payload: PortalOpenInput, /) -> PortalOpenOutput:
    """Have Stripe make a way into its portal, good for minutes."""
    if not may_come_back_to(payload.return_url, uow.settings):
        raise AddressNotAllowed
    customer = await organization.stripe_customer(uow)
    if customer is None:
        raise NoCustomer
    async with asking(uow, OPERATION) as asked:
        session = await asked.client.v1.billing_portal.sessions.create_async(
            {"customer": customer, "return_url": payload.return_url}
        )
    return PortalOpenOutput(url=session.url)
