"""For whom: the tenant that a call is about, and what its caller may do there."""

from __future__ import annotations

from treaty_runtime.authentication import Identity
from treaty_runtime.calls import Call
from treaty_runtime.operations import within
from treaty_runtime.refusals import Forbidden, NotFound, TenantRequired
from treaty_runtime.unit_of_work import Principal

__all__ = ["TENANT_HEADER", "enter_tenant", "require_role", "require_scope"]

TENANT_HEADER = "Treaty-Tenant"


def enter_tenant(call: Call, identity: Identity) -> None:
    """Let the call be about one tenant of its caller, who has its roles there from now on.

    Raises `NotFound` when the caller asks for a tenant that it does not belong to, whether it exists or not, or belongs
    to none, and `TenantRequired` when it belongs to several and asks for none.
    """
    asked_for = call.request.headers.get(TENANT_HEADER) if call.service.definition.tenant else None
    tenants = [tenant for tenant in identity.roles if asked_for is None or str(tenant) == asked_for.lower()]
    if asked_for is not None and not tenants:
        raise NotFound(f"You do not belong to the organization that {TENANT_HEADER} names.")
    if not tenants:
        raise NotFound("You belong to no organization.")
    if len(tenants) > 1:
        raise TenantRequired()
    call.tenant_id = tenants[0]
    call.principal = Principal(identity.kind, identity.id, identity.roles[call.tenant_id], identity.scopes)


def require_scope(call: Call) -> None:
    """Raise `Forbidden` when the caller's API key is for other operations and namespaces."""
    scopes = call.principal.scopes
    if scopes and not any(within(call.operation.key, scope) for scope in scopes):
        raise Forbidden("This API key is for other operations.")


def require_role(call: Call) -> None:
    """Raise `Forbidden` when the operation asks for roles and the caller has none of them."""
    wanted = call.operation.roles
    if wanted and not wanted & call.principal.roles:
        raise Forbidden(f"This needs one of the roles: {', '.join(sorted(wanted))}.")
