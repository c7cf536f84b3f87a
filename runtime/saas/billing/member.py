"""Who belongs to an organization: `member.add` and `member.remove`. Seats follow by an event."""

from __future__ import annotations

from sqlmodel import col, func, select

from generated.saas.billing import member_add, member_remove
from generated.saas.billing.member_add import MemberAddInput, MemberAddOutput
from generated.saas.billing.member_remove import MemberRemoveInput, MemberRemoveOutput, NoMember
from generated.saas.billing.membership import Membership
from generated.saas.billing.membership_changed import MembershipChanged
from generated.saas.billing.role import Role
from saas.billing import organization
from treaty_runtime.unit_of_work import UnitOfWork

__all__ = ["add", "remove"]


async def add(uow: UnitOfWork, payload: MemberAddInput, /) -> MemberAddOutput:
    """Make somebody a member, or give a member another role."""
    await organization.lock(uow)  # two who add the same person at once add one
    membership = await _membership(uow, payload.person)
    if membership is None:
        uow.session.add(Membership(organization_id=uow.tenant, person=payload.person, role=payload.role))
        _tell(uow, payload.person, member=True)
    elif membership.role is not payload.role:
        if membership.role is Role.ADMIN and await _admins(uow) == 1:
            raise member_add.LastAdmin
        membership.role = payload.role
    return MemberAddOutput(person=payload.person, role=payload.role)


async def remove(uow: UnitOfWork, payload: MemberRemoveInput, /) -> MemberRemoveOutput:
    """End a membership, unless nobody would be left who may look after the organization."""
    await organization.lock(uow)  # of two admins who remove each other at once, one stays
    membership = await _membership(uow, payload.person)
    if membership is None:
        raise NoMember
    if membership.role is Role.ADMIN and await _admins(uow) == 1:
        raise member_remove.LastAdmin
    await uow.session.delete(membership)
    _tell(uow, payload.person, member=False)
    return MemberRemoveOutput(person=payload.person)


async def _membership(uow: UnitOfWork, person: str) -> Membership | None:
    return (await uow.session.exec(select(Membership).where(col(Membership.person) == person))).first()


async def _admins(uow: UnitOfWork) -> int:
    admins = select(func.count()).select_from(Membership).where(col(Membership.role) == Role.ADMIN)
    return (await uow.session.exec(admins)).one()


def _tell(uow: UnitOfWork, person: str, *, member: bool) -> None:
    uow.emit(MembershipChanged(organization_id=uow.tenant, person=person, member=member, changed_at=uow.now))
