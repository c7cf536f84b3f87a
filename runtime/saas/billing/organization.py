"""The lock of an organization: held by what must not run beside its own records."""

from __future__ import annotations

from sqlmodel import col, select

from generated.saas.billing.organization import Organization
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["lock"]


async def lock(uow: UnitOfWork) -> None:
    """Keep everything that refers to the organization from being added until the commit.

    A row that refers to another takes a share of that row's lock (its foreign key), so no record, and nothing else
    of this organization, is added meanwhile; what is under way is waited for.
    """
    await uow.session.exec(select(Organization.id).where(col(Organization.id) == uow.tenant).with_for_update())
