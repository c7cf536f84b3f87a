"""An organization: who it is at Stripe; and its lock, held whole by what must not run beside its own records."""

from __future__ import annotations

from sqlmodel import col, select

from generated.saas.billing.organization import Organization
from treaty_runtime.unit_of_work import Transaction

__all__ = ["lock", "serialize", "share", "stripe_customer"]


async def lock(uow: Transaction) -> None:
    """Keep everything that refers to the organization from being added until the commit.

    A row that refers to another takes a share of that row's lock (its foreign key), so no record, and nothing else
    of this organization, is added meanwhile; what is under way is waited for.
    """
    await uow.session.exec(select(Organization.id).where(col(Organization.id) == uow.tenant).with_for_update())


async def serialize(uow: Transaction) -> None:
    """Keep others that do this, or hold the organization whole, waiting until the commit; records go on meanwhile.

    For work that asks another service while it waits for nothing here.
    """
    await uow.session.exec(
        select(Organization.id).where(col(Organization.id) == uow.tenant).with_for_update(key_share=True)
    )


async def share(uow: Transaction) -> None:
    """Wait for what holds the organization, and keep it from being held until the commit.

    Whoever adds rows and changes others besides takes this first: the rows would take the same share, but later, and
    two who take locks in different orders wait for each other for good.
    """
    whole = select(Organization.id).where(col(Organization.id) == uow.tenant)
    await uow.session.exec(whole.with_for_update(read=True, key_share=True))


async def stripe_customer(uow: Transaction) -> str | None:
    """The organization as a customer of Stripe; `None` when it is none."""
    return (await uow.session.exec(select(Organization.stripe_customer_id))).first()
